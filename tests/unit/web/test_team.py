import io

from core.review.checklist import load_checklist
from core.review.decision import Verdict
from core.review.finding_service import DecisionRequest
from core.review.team_log import Changed, TeamChange
from core.web.team_changes import change_in_words
from tests.support.checklists import TOML
from tests.support.readers import PDF
from tests.support.reviews import a_finding, decide_finding
from tests.support.web import problem

LONG = "word " * 50 + "end."
DOCUMENT = f"First words.\n\n{LONG}\n\nMany sellers left."


def put(web, text, name="ward.toml"):
    form = {"checklist": (io.BytesIO(text.encode()), name)}
    return web.client().put("/team/checklists", data=form, content_type="multipart/form-data")


def reviewed(web, **body):
    answer = web.client().post("/analyze_section", json={"content": DOCUMENT, "section_name": "Text", **body})
    return web.client().get(f"/sessions/{answer.get_json()['session_id']}").get_json()


def test_a_teams_checklist_is_listed_becomes_the_usual_one_and_a_review_remembers_it(web):
    listed = put(web, TOML).get_json()["checklists"]
    assert [(one["id"], one["shipped"]) for one in listed] == [
        ("hawkeye", True),
        ("postmortem", True),
        ("ward", False),
    ]
    assert web.client().put("/team/checklists", json={"default": "ward"}).get_json()["default"] == "ward"
    review = reviewed(web)
    put(web, TOML.replace("Harm", "Injury"))
    again = web.client().get(f"/sessions/{review['session_id']}").get_json()
    assert again["checklist"]["points"] == [{"number": 1, "name": "Harm"}]


def test_an_upload_can_name_its_checklist_and_an_unknown_one_is_refused(web):
    form = {"document": (io.BytesIO(PDF), "a.pdf"), "checklist": "nobody"}
    refused = web.client().post("/upload", data=form, content_type="multipart/form-data")
    assert problem(refused, 404, "checklist/not-found")
    assert web.store.objects == {}


def test_faults_of_a_checklist_are_named_and_nothing_is_kept(web):
    refused = problem(put(web, TOML.replace('good = "Named"', "")), 422, "checklist/invalid")
    assert "Point 1: 'good' is missing" in refused["detail"]
    assert problem(put(web, "x", name="ward.pdf"), 422, "checklist/invalid")
    empty = web.client().put("/team/checklists", data={}, content_type="multipart/form-data")
    assert problem(empty, 400, "checklist/missing")
    assert len(web.client().get("/team/checklists").get_json()["checklists"]) == 2


def test_reasons_of_my_rejections_are_proposed_to_me_and_to_nobody_else(web):
    session = web.review()
    reviews = web.app.extensions["services"].reviews
    rejected = DecisionRequest(Verdict.REJECTED, reason="Count is in the appendix")
    decide_finding(reviews, a_finding(session.id), rejected, session_id=session.id)
    mine = web.client().get("/team/guidance").get_json()
    assert [one["about"] for one in mine["proposals"]] == ["vague-quantity"]
    assert next(one for one in mine["rules"] if one["rule"] == "vague-quantity")["rejected"] == 1
    assert web.client("bob").get("/team/guidance").get_json()["proposals"] == []


def test_guidance_and_switches_are_taken_along_by_new_reviews_only(web):
    before = reviewed(web)
    body = {"rev": 0, "items": [{"text": "Be brief."}], "rules_off": ["long-sentence"]}
    assert web.client().put("/team/guidance", json=body).get_json()["rev"] == 1
    after = reviewed(web)
    rules = [{one["rule"] for one in review["findings"]} for review in (before, after)]
    assert rules == [{"long-sentence", "vague-quantity"}, {"vague-quantity"}]
    session = web.app.extensions["services"].reviews.get(after["session_id"])
    assert session.guidance.lines == ("Be brief.",)
    assert web.app.extensions["services"].reviews.get(before["session_id"]).guidance is None


def test_an_unknown_rule_and_an_older_state_are_refused(web):
    unknown = web.client().put("/team/guidance", json={"rev": 0, "items": [], "rules_off": ["nonsense"]})
    assert problem(unknown, 422, "guidance/invalid")
    stale = web.client().put("/team/guidance", json={"rev": 7, "items": []})
    assert problem(stale, 412, "guidance/changed")


def test_the_page_shows_checklists_lines_and_rules_before_any_script_runs(web):
    web.client().put("/team/guidance", json={"rev": 0, "items": [{"text": "Say <b> less."}]})
    page = web.client().get("/team").get_data(as_text=True)
    assert "Say &lt;b&gt; less." in page
    assert load_checklist("postmortem").name in page
    assert "Undefined acronym" in page


def test_each_change_is_kept_with_who_when_and_what_was_before(web):
    for rev, text in enumerate(("Say who.", "Say when.")):
        web.clock.sleep(1)
        body = {"rev": rev, "items": [{"text": text}], "rules_off": []}
        assert web.client("bob").put("/team/guidance", json=body).status_code == 200
    web.clock.sleep(1)
    web.client().put("/team/checklists", json={"default": "postmortem"})

    usual, second, first = web.client("olga").get("/team/log").get_json()["changes"]

    assert (usual["what"], usual["by"], usual["before"], usual["after"]) == (
        "default_checklist",
        "ann",
        None,
        {"id": "postmortem"},
    )
    assert (second["what"], second["by"], second["at"]) == ("guidance", "bob", "2027-01-15T08:00:02.000Z")
    assert [change["items"][0]["text"] for change in (second["before"], second["after"])] == [
        "Say who.",
        "Say when.",
    ]
    assert (first["before"], first["after"]) == (None, second["before"])


def test_the_page_tells_each_change_in_words_with_what_was_before(web):
    def put(**body):
        web.clock.sleep(1)
        assert web.client("bob").put("/team/guidance", json=body).status_code == 200
        return web.client().get("/team/guidance").get_json()["items"]

    items = put(rev=0, items=[{"text": "Say <b> who."}, {"text": "No jargon."}])
    items[0] |= {"text": "Say when.", "on": False}
    put(rev=1, items=[items[0]], rules_off=["hedge"])
    web.client().put("/team/checklists", json={"default": "postmortem"})

    page = web.client().get("/team").get_data(as_text=True)
    changes = page[page.index('id="changes"') :]

    for words in (
        "Added: Say &lt;b&gt; who.",
        "Reworded: Say &lt;b&gt; who. → Say when.",
        "Switched off: Say when.",
        "Removed: No jargon.",
        "Rule switched off: ",
        "New reviews use postmortem",
        "Bob Baker",
    ):
        assert words in changes


def test_a_replaced_checklist_says_which_points_were_others():
    def points(*named):
        return {
            "name": "Ours",
            "points": [{"number": n, "name": name, "intent": "Why."} for n, name in named],
        }

    change = TeamChange(
        "2027-01-15T08:00:00.000Z",
        "ann",
        Changed.CHECKLIST,
        points((1, "Cause"), (2, "Old")),
        points((1, "Root cause"), (3, "New")),
    )

    said = change_in_words(change)

    assert said.title == "Replaced the checklist Ours"
    assert said.lines == ("Changed: 1 Cause: Why. → Root cause: Why.", "Removed: 2 Old: Why.", "Added: 3 New")
