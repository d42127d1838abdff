from tests.browser.test_room import *
def test_dbg(visit, facts, clock):
    with visit(viewport=DESK) as trainer, visit(viewport=PHONE) as candidate:
        start(candidate, facts, 20)
        open_room(trainer, facts)
        candidate.route("**/responses/*", lambda route: route.abort())
        candidate.on("request", lambda r: print("REQ", r.method, r.url, r.post_data))
        choose(candidate, "a")
        candidate.wait_for_timeout(500)
        candidate.evaluate("dispatchEvent(new Event('online'))")
        candidate.wait_for_timeout(7000)
        print(trainer.evaluate("fetch(document.querySelector('[data-board]').dataset.board).then(r=>r.json()).then(j=>JSON.stringify(j.people.filter(p=>p.state=='answering')))"))
        print(row_of(trainer,"Answering").inner_html())
        print(candidate.inner_text("body")[:500])
        assert 0
