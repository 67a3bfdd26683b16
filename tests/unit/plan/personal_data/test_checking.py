"""What may be somebody's is refused where it stands, told masked, and accepted with a reason."""

from __future__ import annotations

import re

import pytest

from wedload.errors import PlanError
from wedload.plan.loader import load_plan
from wedload.plan.personal_data.sent_files import lines_of

HINT = r".*or give the reason for it in \[safety.accept\]"
FEED = '[data.rows]\nfile = "rows.csv"\n[scenarios.main]'
SENT = 'http = "POST /"\nbody_file = "FILE"'
REASON = "our own mailbox, which nobody reads"


@pytest.fixture
def feed(valid):
    return valid.replace("[scenarios.main]", FEED)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('json = { to = [{ mail = "anna@gmail.com" }] }',
         'json.to[0].mail: "an…@gmail.com" may be the e-mail address of somebody'),
        ('json = { phone = "0171 1234567" }',
         'json.phone: "0171…67" may be the telephone number of somebody'),
        ('json = { phone = 491711234567 }',
         'json.phone: "4917…67" may be the telephone number of somebody'),
        ("""body = '{"phone": "0171 1234567"}'""",
         'body: "0171…67" may be the telephone number of somebody'),
        ('json = { n = 4539148803436467 }',
         'json.n: "4539…67" may be the card number of somebody'),
        ('headers = { X-Forwarded-For = "8.8.8.8" }',
         'headers.X-Forwarded-For: "8.8.…" may be the IP address of somebody'),
        ('form = { iban = "DE68 2105 0170 0012 3456 78" }',
         'form.iban: "DE68…78" may be the IBAN of somebody'),
        ('let = { x = "user${vu}@gmail.com" }',
         'let.x: "us…@gmail.com" may be the e-mail address of somebody'),
        ('json = { "anna@gmail.com" = 1 }',
         'json."an…@gmail.com": "an…@gmail.com" may be the e-mail'),
        ('json = { "anna@gmail.com" = "8.8.8.8" }',
         'json."an…@gmail.com": "8.8.…" may be the IP address of somebody'),
    ],
)  # fmt: skip
def test_a_plan_is_refused_where_it_has_it(problems, valid, line, said):
    lines = [one for one in valid.splitlines() if one]
    assert len(lines) == 12
    found = problems("\n".join([*lines, "tags = { a = 'b' }", line]))
    assert found[0].startswith(f"plan.toml:14: workflows.visit[0].{said}")
    assert re.fullmatch(HINT, found[0])
    assert not any("anna@" in one or "8.8.8.8" in one for one in found)


def test_names_in_a_url_say_what_a_number_is_as_keys_do(load, problems, valid):
    assert problems(valid.replace('"GET /"', '"GET /?phone=01711234567"'))
    load(valid.replace('"GET /"', '"GET /?order_id=4539148803436467"'))


@pytest.mark.parametrize(
    "change",
    [
        ("sandbox = true", 'base_url = "http://93.184.216.34"'),
        ("sandbox = true", 'base_url = "http://a.test"\nhosts = { "a.test" = "93.184.216.34" }'),
        ('"GET /"', '"GET http://93.184.216.34/"'),
        ('name = "small"', 'name = "small" # from anna@gmail.com'),
        ("[scenarios.main]", '[benchmarks]\n"8.8.8.8" = "http_reqs: count > 1"\n[scenarios.main]'),
    ],
)  # fmt: skip
def test_places_comments_and_rows_are_no_data(load, valid, change):
    assert load(valid.replace(*change)).data.accepted == ()


def test_what_an_override_brings_is_refused_as_well(problems, valid):
    text = with_variable(valid, "nothing")
    (said,) = problems(text, overrides=['variables.x="anna@gmail.com"'])
    assert said.startswith('--set variables.x="an…@gmail.com":0: variables.x: "an…@gmail.com"')


# --- files --------------------------------------------------------------------------------------


def test_a_csv_file_is_refused_by_line_and_column(problems, feed, tmp_path):
    (tmp_path / "rows.csv").write_text(
        "name,Phone\nAnna,0171 1234567\nBen,+1-202-555-0143\nCarl,02079461234\n"
    )
    first, second = problems(feed)
    assert first.startswith('rows.csv:2: column Phone: "0171…67" may be the telephone number')
    assert second.startswith('rows.csv:4: column Phone: "0207…34" may be the telephone number')


def test_what_to_write_instead_can_be_written_there(problems, valid, feed, tmp_path):
    (in_plan,) = problems(with_variable(valid, "anna@gmail.com"))
    (tmp_path / "rows.csv").write_text("mail\nanna@gmail.com\n")
    (in_file,) = problems(feed)

    assert " | write ${synthetic.email()}, or an address below example.com; or give" in in_plan
    assert " | write an address below example.com; or give the reason for it" in in_file


def test_the_first_line_of_a_csv_file_is_looked_at_once(problems, feed, tmp_path):
    (tmp_path / "rows.csv").write_text("anna@gmail.com,b\nx,y\nx,y\n")
    (said,) = problems(feed)
    assert said.startswith('rows.csv:2: column "an…@gmail.com": "an…@gmail.com" may be')


def test_json_lines_and_json_are_refused_likewise(problems, feed, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\n\n{"a": {"mail": ["b@\\u0067mail.com"]}}\n')
    (tmp_path / "rows.json").write_text('[{"a": 1}, {"card": 4539148803436467}]')
    (lines,) = problems(feed.replace("rows.csv", "rows.jsonl"))
    (json,) = problems(feed.replace("rows.csv", "rows.json"))
    assert lines.startswith('rows.jsonl:3: column a.mail[0]: "b…@gmail.com" may be the e-mail')
    assert json.startswith('rows.json:0: row 2, column card: "4539…67" may be the card number')


def test_a_few_of_each_kind_are_told_and_the_others_counted(problems, feed, tmp_path):
    rows = "".join(f"a{n}@gmail.com,8.8.4.{n % 5}\n" for n in range(2_000))
    (tmp_path / "rows.csv").write_text(f"mail,ip\n{rows}last@gmail.com,127.0.0.1\n")
    found = problems(feed)
    assert len(found) == 8
    assert [one for one in found if " more " in one] == [
        "rows.csv:0: 1,997 more IP addresses", "rows.csv:0: 1,998 more e-mail addresses",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Dear all,\nwrite to anna@gmail.com!\n", 'note.txt:2: "an…@gmail.com" may be the e-mail'),
        (b'{"tel": "0171 1234567"}', 'note.txt:1: "0171…67" may be the telephone number'),
        ("Grüße\n\nan anna@gmail.com".encode("latin-1"), 'note.txt:3: "an…@gmail.com"'),
        ("an\nanna@gmail.com".encode("utf-16"), 'note.txt:2: "an…@gmail.com"'),
        (b"x\n" * 600_000 + b"anna@gmail.com", 'note.txt:600001: "an…@gmail.com"'),
    ],
    ids=["text", "json", "latin-1", "utf-16", "large"],
)  # fmt: skip
def test_a_text_that_is_sent_is_looked_into_line_by_line(problems, valid, tmp_path, content, said):
    (tmp_path / "note.txt").write_bytes(content)
    (found,) = problems(valid.replace('http = "GET /"', SENT.replace("FILE", "note.txt")))
    assert found.startswith(said)


def test_what_is_no_text_is_not_looked_into_and_that_is_told(load, valid, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0anna@gmail.com")
    data = load(valid.replace('http = "GET /"', SENT.replace("FILE", "photo.png"))).data
    assert data.unscanned == ("photo.png (not a text)",)


@pytest.mark.parametrize("change", ["grown", "gone"])
def test_a_file_that_changes_before_it_is_looked_into_is_told(problems, valid, tmp_path, change):
    note = tmp_path / "note.txt"
    note.write_text("x\n" * 600_000)

    def changed(*arguments):
        if change == "gone":
            note.unlink()
        else:
            note.write_text("x\n" * 600_001)
        return lines_of(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wedload.plan.personal_data.checking.lines_of", changed)
        (found,) = problems(valid.replace('http = "GET /"', SENT.replace("FILE", "note.txt")))

    assert found.startswith("note.txt:0: it changed while the plan was checked: ")


def test_what_takes_long_says_how_far_it_is(feed, tmp_path, monkeypatch):
    (tmp_path / "rows.csv").write_text("mail\n" + "a@example.com\n" * 3_000)
    (tmp_path / "plan.toml").write_text(feed)
    instants = iter(range(0, 100, 1))
    monkeypatch.setattr("wedload.plan.personal_data.checking.monotonic", lambda: next(instants))
    told: list[str] = []
    load_plan(tmp_path / "plan.toml", tell=told.append)
    name = tmp_path / "rows.csv"
    assert told == [f"looking for personal data in {name}: {share} %" for share in (0, 33, 66)]


# --- with a reason ------------------------------------------------------------------------------


def accepting(text: str, *entries: str) -> str:
    return "\n".join([text, "[safety.accept]", *entries])


def with_variable(text: str, value: str) -> str:
    return text.replace("[scenarios.main]", f'[variables]\nx = "{value}"\n[scenarios.main]')


@pytest.mark.parametrize(
    ("value", "key", "what"),
    [
        ("anna@gmail.com", "Anna@Gmail.com", "an…@gmail.com"),
        ("+49 30 901820", "+4930901820", "+49 …20"),
        ("4539 1488 0343 6467", "4539148803436467", "4539…67"),
        ("8.8.8.8", "8.8.8.8", "8.8.…"),
    ],
)
def test_a_value_is_accepted_in_any_spelling_and_told_masked(load, valid, value, key, what):
    text = accepting(with_variable(valid, f"{value} and {value}"), f'"{key}" = "{REASON}"')
    (one,) = load(text).data.accepted
    assert (one.what, one.count, one.reason) == (what, 2, REASON)


def test_a_file_is_accepted_as_a_whole(load, feed, tmp_path):
    (tmp_path / "rows.csv").write_text("mail,ip\na@gmail.com,8.8.8.8\nb@gmail.com,1.2.3.4\n")
    (one,) = load(accepting(feed, f'"rows.csv" = "{REASON}"')).data.accepted
    assert (one.what, one.kind, one.count, one.reason) == ("rows.csv", "data file", 4, REASON)


def test_a_file_accepts_nothing_that_is_elsewhere(problems, feed, tmp_path):
    (tmp_path / "rows.csv").write_text("mail\na@gmail.com\n")
    text = accepting(with_variable(feed, "anna@gmail.com"), f'"rows.csv" = "{REASON}"')
    (said,) = problems(text)
    assert "variables.x" in said


@pytest.mark.parametrize("reason", ["", "todo", "TODO later", "test test test", "a b c", "ok fine"])
def test_a_reason_says_something(problems, valid, reason):
    text = accepting(with_variable(valid, "anna@gmail.com"), f'"anna@gmail.com" = "{reason}"')
    assert any("is no reason; say in a few words why" in one for one in problems(text))


def test_one_wrong_reason_does_not_take_the_others_away(problems, valid):
    entries = '"anna@gmail.com" = "todo"\n"8.8.8.8" = "our own machine in the cellar"'
    text = accepting(with_variable(valid, "anna@gmail.com 8.8.8.8 ben@gmail.com"), entries)

    refused, reason = sorted(problems(text), key=lambda one: "is no reason" in one)

    assert '"be…@gmail.com" may be the e-mail address' in refused
    assert '"todo" is no reason' in reason


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('"rows.cvs"',
         'safety.accept: "rows.cvs": there is nothing like it | did you mean rows.csv?'),
        ('"rows.csv"', 'safety.accept: "rows.csv": nothing in the plan needs this | take it out'),
        ('"anna@gmial.com"',
         'safety.accept: "an…@gmial.com": there is nothing like it | did you mean an…@gmail.com?'),
        ('"what"', 'safety.accept: what: there is nothing like it | take it out'),
    ],
)  # fmt: skip
def test_an_entry_that_nothing_needs_is_an_error(problems, feed, tmp_path, entry, said):
    (tmp_path / "rows.csv").write_text("a\nb\n")
    text = accepting(with_variable(feed, "anna@gmail.com"), f'{entry} = "{REASON}"')
    found = problems(text)
    line = text.splitlines().index("[safety.accept]") + 2
    assert f"plan.toml:{line}: {said}" in found
    assert "anna@" not in "".join(found)


def test_a_file_that_cannot_be_read_does_not_make_its_reason_an_error_too(problems, feed):
    (said,) = problems(accepting(feed, f'"rows.csv" = "{REASON}"'))
    assert "cannot be read" in said


def test_reasons_do_not_change_the_load(load, valid):
    text = with_variable(valid, "anna@gmail.com")
    one = load(accepting(text, f'"anna@gmail.com" = "{REASON}"'))
    other = load(accepting(text, '"anna@gmail.com" = "for quite another reason"'))
    assert one.load_digest == other.load_digest
    assert one.digest != other.digest


def test_all_problems_of_plan_and_files_are_told_at_once(feed, tmp_path):
    (tmp_path / "rows.csv").write_text("mail\na@gmail.com\n")
    (tmp_path / "plan.toml").write_text(with_variable(feed, "8.8.8.8").replace("1m", "x"))
    with pytest.raises(PlanError) as refused:
        load_plan(tmp_path / "plan.toml")
    assert len(refused.value.problems) == 3
