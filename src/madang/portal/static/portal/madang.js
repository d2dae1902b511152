// Menus open and close without this file; with it, Escape and a click elsewhere close them.
"use strict";

const FLOATING = "details.menu-group[open], details.site-menu[open]";

function closeAll(except) {
  for (const each of document.querySelectorAll(FLOATING)) {
    if (!except || !each.contains(except)) each.open = false;
  }
}

document.addEventListener("click", (event) => closeAll(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const here = document.activeElement && document.activeElement.closest(FLOATING);
  closeAll(null);
  if (here) here.querySelector("summary").focus();
});
