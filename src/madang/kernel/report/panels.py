"""How are curves laid out? One panel a solution where they would cross, else one with named ends."""
