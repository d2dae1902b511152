"""`madang trials …` at a site alone: find demands, ask, watch submissions, call a run off."""

from __future__ import annotations

import click

from madang.kernel.commands import as_json_option, say
from madang.trials.cli.group import signed_in, site, trials


@trials.command()
@click.argument("text", nargs=-1)
@click.option("--state", default="", help="Only demands in this state, such as open.")
@click.option("--limit", default=20, type=click.IntRange(1, 100), help="How many, at most.")
@site
@as_json_option
def demands(text: tuple[str, ...], state: str, limit: int, site: str, as_json: bool) -> None:
    """수요 찾기 · Look for demands at a site.

    사이트에 공고된 수요를 찾습니다. 먼저 'madang login'을 하십시오.

    Sign in first with 'madang login', or set MADANG_SITE and MADANG_TOKEN.
    """
    from madang.trials.engine import telling_afar

    query = {"q": " ".join(text), "state": state, "limit": limit}
    found = signed_in(site).get("/trials/demands", **query)["items"]
    say({"demands": found}, as_json=as_json, text=telling_afar.demands(found))


@trials.command()
@click.argument("demand")
@click.option("--ask", default="", help="Ask this; the question is public at once.")
@site
@as_json_option
def questions(demand: str, ask: str, site: str, as_json: bool) -> None:
    """질문과 답변 · Read the questions of a demand at a site, or ask one."""
    from madang.trials.engine import telling_afar

    there, path = signed_in(site), f"/trials/demands/{demand}/questions"
    if ask:
        there.post(path, {"text": ask})
    found = list(there.pages(path, limit=100))
    say({"questions": found}, as_json=as_json, text=telling_afar.questions(found))


@trials.command()
@click.argument("submission", default="")
@click.option("--wait", is_flag=True, help="Wait until its run has ended.")
@site
@as_json_option
@click.pass_context
def status(ctx: click.Context, submission: str, wait: bool, site: str, as_json: bool) -> None:
    """제출 상태 · Show a submission at a site, or list one's own.

    Exit codes: 0 shown, 1 its run failed.
    """
    from madang.trials.engine import afar, telling_afar

    there = signed_in(site)
    if not submission:
        found = there.get("/trials/submissions", limit=50)["items"]
        say({"submissions": found}, as_json=as_json, text=telling_afar.submissions(found))
        return
    path = f"/trials/submissions/{submission}"
    told = afar.ended(there, path) if wait else there.get(path)
    say(told, as_json=as_json, text=telling_afar.submission(told))
    ctx.exit(1 if told["state"] == "failed" else 0)


@trials.command()
@click.argument("submission")
@site
@as_json_option
def cancel(submission: str, site: str, as_json: bool) -> None:
    """실행 취소 · Call off a run at a site; it costs no quota then."""
    from madang.trials.engine import telling_afar

    told = signed_in(site).post(f"/trials/submissions/{submission}/cancel")
    say(told, as_json=as_json, text=telling_afar.submission(told))
