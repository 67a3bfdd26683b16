"""Every kind of mistake in a `plan`: the line that is named, and what is said about it."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import re

import pytest

# (what is wrong, text of the small plan to replace or "" to append, new text, expected problems);
# a problem is (line, fragments that must be in it); the small plan has 12 lines
MISTAKES = [
    ("schema_missing", "schema = 1\n", "", [(0, "`schema` is missing")]),
    ("schema_unknown", "schema = 1", "schema = 2", [(1, "schema: the number 2 is not known here; known: 1")]),
    ("name_missing", 'name = "small"', "", [(0, "`name` is missing")]),
    ("name_of_wrong_type", '"small"', "5", [(2, "name: expected text in quotes, found the number 5")]),
    ("top_level_key_misspelt", "", "[benchmark]\na = 1", [(13, "there is no key `benchmark` here | did you mean benchmarks?")]),
    ("executor_missing", 'executor = "constant-vus"\n', "", [(5, "scenarios.main: `executor` is missing")]),
    ("executor_misspelt", '"constant-vus"', '"constant-vu"', [(6, 'scenarios.main.executor: "constant-vu" is not known here', "did you mean constant-vus?")]),
    ("more_users_than_there_may_be", '"constant-vus"\nvus = 1', '"externally-controlled"\nvus = 9\nmax_vus = 5', [(7, "scenarios.main.vus: is 9, and max_vus is 5 | raise max_vus, or start with fewer")]),
    ("keys_of_another_executor", '"constant-vus"', '"constant-arrival-rate"', [(5, 'scenarios.main: constant-arrival-rate needs `rate` | write rate = "40/s"'), (7, "`vus` belongs to constant-vus, per-vu-iterations, shared-iterations and externally-controlled, and this scenario is constant-arrival-rate | constant-arrival-rate has: rate, duration, time_unit, max_vus, on_saturation, arrivals")]),
    ("arrival_rate_with_a_pace", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = "5/s"\npace = "1s"', [(8, "`pace` belongs to constant-vus, ramping-vus, per-vu-iterations, shared-iterations and externally-controlled, and this scenario is constant-arrival-rate")]),
    ("rate_without_unit_of_time", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = "5"', [(7, "scenarios.main.rate: '5' is not a rate; write events per unit of time: 40/s, 600/1m")]),
    ("rate_of_nothing", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = 0', [(7, "scenarios.main.rate: must be above 0")]),
    ("rate_below_nothing", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = -3', [(7, "scenarios.main.rate: is -3; it must be 0 or more")]),
    ("rate_that_is_a_list", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = [5]', [(7, 'scenarios.main.rate: expected a rate such as "40/s", found a list')]),
    ("saturation_misspelt", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = 5\non_saturation = "que"', [(8, 'scenarios.main.on_saturation: "que" is not known here; known: "queue", "drop" | did you mean queue?')]),
    ("no_virtual_user_for_arrivals", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = 5\nmax_vus = 0', [(8, "scenarios.main.max_vus: is 0; it must be 1 or more")]),
    ("time_unit_of_no_length", 'executor = "constant-vus"\nvus = 1', 'executor = "constant-arrival-rate"\nrate = 5\ntime_unit = "0s"', [(8, "scenarios.main.time_unit: must be longer than 0s")]),
    ("rate_as_number_of_users", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-vus"\nstages = [ { duration = "1m", target = "5/s" } ]', [(7, "scenarios.main.stages[0].target: expected a whole number of virtual users, found a rate")]),
    ("fraction_of_users", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-vus"\nstages = [ { duration = "1m", target = 10.5 } ]', [(7, "scenarios.main.stages[0].target: expected a whole number of virtual users, found 10.5")]),
    ("users_in_quotes", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-vus"\nstages = [ { duration = "1m", target = "10" } ]', [(7, 'scenarios.main.stages[0].target: expected a number or a rate, found the text "10"; write 10')]),
    ("no_stage_of_users", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-vus"\nstages = []', [(7, 'scenarios.main.stages: is empty: nothing would run | write stages = [ { duration = "1m", target = 10 } ]')]),
    ("no_stage_of_arrivals", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-arrival-rate"\nstages = []', [(7, 'is empty: nothing would run | write stages = [ { duration = "1m", target = "40/s" } ]')]),
    ("text_without_quotes", '"small"', "small # as ever", [(2, 'this is not valid TOML: invalid value | text stands in quotes: name = "small"')]),
    ("text_not_closed", '"small"', '"small', [(2, "the text that begins here is not closed")]),
    ("key_twice_in_a_table", "vus = 1", "vus = 1\nvus = 2", [(8, "vus is given twice, first in line 7")]),
    ("one_bracket_around_a_workflow", "[[workflows.visit]]", "[workflows.visit]", [(10, "workflows.visit: expected a list, found a table | write [[workflows.visit]], with two brackets")]),
    ("one_bracket_around_setup", "", '[setup]\nhttp = "GET /"', [(13, "setup: expected a list, found a table | write [[setup]], with two brackets")]),
    ("braces_of_other_tools", 'http = "GET /"', 'http = "GET /{{id}}/{x}/$id"\n[variables]\nid = 1', [(12, "$id is sent as it stands | did you mean ${id}?"), (12, "{{id}} is sent as it stands | did you mean ${id}?")]),
    ("stages_of_no_arrivals", 'executor = "constant-vus"\nvus = 1\nduration = "1m"', 'executor = "ramping-arrival-rate"\nstages = [ { duration = "1m", target = 0 } ]', [(7, "scenarios.main.stages: no stage has a target above 0: nothing would run")]),
    ("iterations_missing", '"constant-vus"\nvus = 1\nduration = "1m"', '"per-vu-iterations"\nvus = 1', [(5, "per-vu-iterations needs `iterations`")]),
    ("no_iteration", '"constant-vus"\nvus = 1\nduration = "1m"', '"per-vu-iterations"\nvus = 1\niterations = 0', [(8, "scenarios.main.iterations: is 0; it must be 1 or more")]),
    ("more_users_than_shared_iterations", '"constant-vus"\nvus = 1\nduration = "1m"', '"shared-iterations"\nvus = 5\niterations = 3', [(7, "scenarios.main.vus: is 5, and there are 3 iterations to share | virtual users without an iteration would do nothing: take fewer of them")]),
    ("lateness_of_nothing_that_is_due", "", '[benchmarks]\na = "iteration_lateness: p95 < 1s"', [(14, "nothing in this plan gives `iteration_lateness` a value")]),
    ("nothing_that_could_be_dropped", "", '[benchmarks]\na = "dropped_iterations: count < 5"', [(14, "nothing in this plan gives `dropped_iterations` a value")]),
    ("number_in_quotes", "vus = 1", 'vus = "1"', [(7, 'scenarios.main.vus: expected a whole number, found "1"')]),
    ("fraction_for_a_count", "vus = 1", "vus = 1.5", [(7, "scenarios.main.vus: expected a whole number, found the number 1.5")]),
    ("no_virtual_user", "vus = 1", "vus = 0", [(7, "scenarios.main.vus: is 0; it must be 1 or more")]),
    ("vus_missing", "vus = 1\n", "", [(5, "constant-vus needs `vus`")]),
    ("duration_missing", 'duration = "1m"\n', "", [(5, "constant-vus needs `duration`")]),
    ("duration_without_unit", '"1m"', '"60"', [(8, "scenarios.main.duration: '60' is not a duration; write a number with a unit")]),
    ("duration_as_number", '"1m"', "60", [(8, "scenarios.main.duration: 60 is not a duration")]),
    ("duration_of_nothing", '"1m"', '"0s"', [(8, "must be longer than 0s")]),
    ("key_of_another_executor", "vus = 1", "vus = 1\nstart_vus = 3", [(8, "`start_vus` belongs to ramping-vus")]),
    ("workflow_misspelt", '"visit"', '"vist"', [(9, 'there is no workflow "vist" | did you mean visit?')]),
    ("workflow_missing", 'workflow = "visit"\n', "", [(5, "scenarios.main: needs a workflow")]),
    ("workflow_and_mix", 'workflow = "visit"', 'workflow = "visit"\nmix = { visit = 1 }', [(10, "either workflow or mix, not both")]),
    ("mix_of_nothing", 'workflow = "visit"', "mix = {}", [(9, "names no workflow")]),
    ("weight_of_zero", 'workflow = "visit"', "mix = { visit = 0 }", [(9, "scenarios.main.mix.visit: the weight is 0; it must be above 0")]),
    ("mix_misspelt", 'workflow = "visit"', "mix = { visits = 1 }", [(9, 'there is no workflow "visits" | did you mean visit?')]),
    ("scenario_key_misspelt", "vus = 1", "vus = 1\ngraceful_stp = '1s'", [(8, "there is no key `graceful_stp` here | did you mean graceful_stop?")]),
    ("scenario_is_no_table", "[scenarios.main]", "[scenarios]\nx = 1\n[scenarios.main]", [(6, "scenarios.x: expected a table, found the number 1")]),
    ("scenario_with_reserved_name", "[scenarios.main]", "[scenarios.setup]", [(5, "no scenario can be called `setup`")]),
    ("step_without_verb", 'http = "GET /"', 'htp = "GET /"', [(10, "workflows.visit[0]: the step has no verb; it needs exactly one of http, think, use, batch, ws, await, publish, python, sql | did you mean http?")]),
    ("step_with_two_verbs", 'http = "GET /"', 'http = "GET /"\nthink = "1s"', [(10, "the step has 2 verbs (http, think)")]),
    ("verb_to_come", 'http = "GET /"', 'poll = { every = "1s" }', [(12, "the verb `poll` is part of the plan format but not driven by this version")]),
    ("step_key_misspelt", 'name = "look"', 'nam = "look"', [(11, "there is no key `nam` here | did you mean name?")]),
    ("spelling_of_the_model", 'name = "look"', 'as_ = "look"', [(11, "there is no key `as_` here | did you mean as?")]),
    ("loaded_rows_given", "", '[data.venues]\nfile = "v.csv"\nrows = []', [(14, '"v.csv" cannot be read'), (15, "there is no key `rows` here")]),
    ("key_of_another_verb", "", '[[workflows.visit]]\nthink = "1s"\ntimeout = "1s"', [(15, "`timeout` belongs to steps with `http`, and this one has `think`")]),
    ("step_is_no_table", "", "[workflows]\nother = [1]", [(14, "workflows.other[0]: expected a step, which is a table")]),
    ("workflow_is_no_list", "", "[workflows.other]\nhttp = 'GET /'", [(13, "workflows.other: expected a list, found a table")]),
    ("workflow_without_steps", "", "[workflows]\nother = []", [(14, "workflows.other: the workflow has no steps")]),
    ("method_in_lower_case", "GET /", "get /", [(12, "does not start with a method; did you mean GET?")]),
    ("url_without_slash", "GET /", "GET forms", [(12, "a URL starts with / or http:// or https://")]),
    ("url_with_space", "GET /", "GET /a b", [(12, "a URL has no spaces; write %20")]),
    ("timeout_of_zero", 'name = "look"', 'name = "look"\ntimeout = "0s"', [(12, "must be longer than 0s")]),
    ("too_many_redirects", 'name = "look"', 'name = "look"\nredirects = 51', [(12, "is 51; it must be from 0 to 50")]),
    ("two_bodies", 'name = "look"', 'name = "look"\njson = 1\nbody = "x"', [(13, "a request has one body, and this has json and body")]),
    ("status_out_of_range", 'name = "look"', 'name = "look"\nexpected_status = [200, 777]', [(12, "777 is not a status code or class")]),
    ("identity_misspelt", 'name = "look"', 'name = "look"\nas = "suplier"\nhttp = "GET /a"\n[identities.supplier]\nhttp = "POST /auth"\n[[workflows.visit]]\nname = "b"', [(12, 'there is no identity "suplier" | did you mean supplier?')]),
    ("identity_without_request", "", '[identities.a]\ncapture = { t = "json.t" }', [(14, "`capture` needs a request to sign in")]),
    ("header_with_line_break", 'name = "look"', 'name = "look"\nheaders = { A = "x\\ny" }', [(12, "workflows.visit[0].headers.A: the header A holds a line break")]),
    ("header_with_bad_name", 'name = "look"', 'name = "look"\nheaders = { "A B" = "x" }', [(12, "'A B' is not the name of a header")]),
    ("header_that_names_another_host", 'name = "look"', 'name = "look"\nheaders = { host = "x.test" }', [(12, "the header host names the host of the URL")]),
    ("header_that_tells_another_length", 'name = "look"', 'name = "look"\nheaders = { Content-Length = "0" }', [(12, "the header Content-Length is told by the body itself")]),
    ("header_that_tells_another_end", 'name = "look"', 'name = "look"\nheaders = { Transfer-Encoding = "chunked" }', [(12, "the header Transfer-Encoding is told by the body itself")]),
    ("group_too_deep", 'name = "look"', f'name = "look"\ngroup = "{"a/" * 50}a"', [(12, "is 51 groups within each other, and 50 are the most")]),
    ("too_many_hosts_allowed", "sandbox = true", f'sandbox = true\nallow_hosts = {[f"h{number}.test" for number in range(51)]}', [(5, "names 51 hosts; a target has 50 at most")]),
    ("tag_of_wrong_type", 'name = "look"', 'name = "look"\ntags = { critical = true }', [(12, "workflows.visit[0].tags.critical: expected text in quotes, found true")]),
    ("tag_named_as_a_dimension", 'name = "look"', 'name = "look"\ntags = { stage = "x" }', [(12, "`stage` cannot be a tag")]),
    ("two_steps_of_one_name", "", '[[workflows.visit]]\nname = "look"\nhttp = "GET /b"', [(13, 'there are two steps "look" (the other is in line 10)')]),
    ("two_unnamed_steps_of_one_request", 'name = "look"\n', 'http = "GET /"\n[[workflows.visit]]\n', [(12, 'there are two steps "GET /" (the other is in line 10)')]),
    ("use_misspelt", "", '[[workflows.visit]]\nuse = "visti"', [(14, 'there is no workflow "visti" | did you mean visit?')]),
    ("use_of_itself", "", '[[workflows.visit]]\nuse = "visit"', [(14, "the workflow uses itself: visit → visit")]),
    ("use_in_a_circle", "", '[[workflows.visit]]\nuse = "b"\n[[workflows.b]]\nuse = "visit"', [(16, "the workflow uses itself: visit → b → visit")]),
    ("repeat_of_zero", "", '[[workflows.visit]]\nuse = "b"\nrepeat = 0\n[[workflows.b]]\nthink = "1s"', [(15, "is 0; it must be 1 or more")]),
    ("think_of_unknown_shape", "", '[[workflows.visit]]\nthink = "gauss(1s)"', [(14, "'gauss' is not a distribution; known: constant, uniform")]),
    ("choice_misspelt", 'name = "look"', 'on_failure = "stop"', [(11, '"stop" is not known here; known: "continue", "end-iteration"')]),
    ("expression_that_is_none", 'name = "look"', 'name = "look"\ncheck = ["status ==", "duration < 5"]', [(12, "workflows.visit[0].check[0]: 'status ==' is not an expression"), (12, "workflows.visit[0].check[1]: duration < 5: a duration compares with durations only")]),
    ("check_given_twice", 'name = "look"', 'name = "look"\ncheck = ["status == 200", "status == 200"]', [(12, "the check 'status == 200' is given twice")]),
    ("template_not_closed", "GET /", "GET /${x", [(12, "a ${ is not closed")]),
    ("template_in_a_body", 'name = "look"', 'name = "look"\njson = { a = [\n  "x",\n  "${nope(}" ] }', [(14, "workflows.visit[0].json.a[1]: a bracket is not closed")]),
    ("capture_with_taken_name", 'name = "look"', 'name = "look"\ncapture = { status = "json.a" }', [(12, "'status' has a meaning in expressions already")]),
    ("capture_with_bad_name", 'name = "look"', 'name = "look"\ncapture = { "a-b" = "json.a" }', [(12, "'a-b' is not a name")]),
    ("unknown_variable", "GET /", "GET /${form_id}", [(12, "workflows.visit[0].http: there is no variable `form_id` here")]),
    ("variable_misspelt", "", '[variables]\nvenue_id = 1\n[[workflows.visit]]\nhttp = "GET /${venue_di}"', [(16, "there is no variable `venue_di` here | did you mean venue_id?")]),
    ("capture_read_by_its_own_step", "GET /\"", "GET /${id}\"\ncapture = { id = \"json.id\" }", [(12, "there is no variable `id` here | `id` is set here, but only afterwards")]),
    ("response_in_a_url", "GET /", "GET /${status}", [(12, "`status` belongs to a response, and there is none here yet")]),
    ("response_in_when", 'name = "look"', 'when = "status == 200"', [(11, "workflows.visit[0].when: `status` belongs to a response")]),
    ("response_in_let", 'name = "look"', 'let = { a = "${json.x}" }', [(11, "workflows.visit[0].let.a: `json` belongs to a response")]),
    ("unknown_function", 'name = "look"', 'name = "look"\ncheck = ["lenght(text) > 1"]', [(12, "there is no function lenght(); did you mean len?")]),
    ("unknown_synthetic_function", "GET /", "GET /${synthetic.emial()}", [(12, "there is no function synthetic.emial(); did you mean email?")]),
    ("environment_not_open", "GET /", "GET /${env.HOME}", [(12, "the plan may not read the environment variable HOME", '[secrets] env = ["HOME"]')]),
    ("listed_environment_misspelt", "GET /\"", "GET /${env.SHOP_TOKE}\"\n[secrets]\nenv = [\"SHOP_TOKEN\"]", [(12, "the plan may not read the environment variable SHOP_TOKE | did you mean SHOP_TOKEN? else name it WEDLOAD_…")]),
    ("unknown_feeder", "GET /", "GET /${data.venues.name}", [(12, 'there is no data file "venues" | write [data.venues]')]),
    ("channel_in_an_expression", "GET /", "GET /${channels.hooks.url}", [(12, 'there is no channel "hooks" | write [channels.hooks]')]),
    ("key_of_monitoring_misspelt", "", "[monitoring]\nprometheus = { remote_writ = \"http://127.0.0.1:9090/api/v1/write\" }", [(14, "monitoring.prometheus.remote_writ: there is no key `remote_writ` here | did you mean remote_write?")]),
    ("max_rate_of_nothing", "sandbox = true", 'sandbox = true\nmax_rate = "0/s"', [(5, "targets.sandbox.max_rate: is 0: nothing could ever be sent", '"500/s"')]),
    ("max_rate_that_is_none", "sandbox = true", 'sandbox = true\nmax_rate = "5"', [(5, "targets.sandbox.max_rate: '5' is not a rate")]),
    ("rate_limits_misspelt", 'name = "look"', 'name = "look"\nrate_limits = "prob"', [(12, "workflows.visit[0].rate_limits")]),
    ("retry_without_the_pause", 'name = "look"', 'name = "look"\nretry = { respect_retry_after = false }', [(12, "workflows.visit[0].retry.respect_retry_after: the pause that a server asks for is not kept", 'rate_limits = "probe"')]),
    ("address_of_each_virtual_user", 'name = "look"', 'name = "look"\nheaders = { X-Forwarded-For = "192.0.2.${vu}" }', [(12, "workflows.visit[0].headers.X-Forwarded-For: X-Forwarded-For tells the address of a client, and this one varies (it reads vu)", 'write rate_limits = "probe" into it')]),
    ("address_at_random", "", '[http]\nheaders = { Forwarded = "for=192.0.2.${random(1, 9)}" }', [(14, "http.headers.Forwarded: Forwarded tells the address of a client, and this one varies (it calls random())", 'write rate_limits = "probe" into [http]')]),
    ("address_of_a_variable", "", '[variables]\nip = "${synthetic.ip()}"\n[identities.a]\nheaders = { true-client-ip = "${ip}" }', [(16, "identities.a.headers.true-client-ip: true-client-ip tells the address of a client, and this one varies (the variable ip: it reads synthetic)")]),
    ("address_of_a_binding", 'name = "look"', 'name = "look"\nlet = { ip = "192.0.2.1" }\nheaders = { CF-Connecting-IP = "${ip}" }', [(13, "this one varies (the variable ip is set by steps)")]),
    ("proxy_with_the_wire_client", "sandbox = true", 'sandbox = true\nproxy = "http://127.0.0.1:3128"', [(5, "targets.sandbox.proxy: the wire client knows no proxies", 'write client = "aiohttp" in [http]')]),
    ("http_2_with_the_client_on_aiohttp", "sandbox = true", 'base_url = "https://127.0.0.1"\nhttp = "2"\n[http]\nclient = "aiohttp"', [(5, 'targets.sandbox.http: the client aiohttp speaks HTTP/1.1 alone, and this asks for "2"')]),
    ("proxy_of_all_with_the_wire_client", "", '[http]\nproxy = "http://127.0.0.1:3128"', [(14, "http.proxy: the wire client knows no proxies")]),
    ("proxy_by_tls", "sandbox = true", 'sandbox = true\nproxy = "https://127.0.0.1:3128"', [(5, "targets.sandbox.proxy: does not start with http://; write http://host:port")]),
    ("proxy_with_a_path", "sandbox = true", 'sandbox = true\nproxy = "http://127.0.0.1:3128/a"', [(5, "targets.sandbox.proxy: goes on after the port")]),
    ("proxy_with_a_password", "sandbox = true", 'sandbox = true\nproxy = "http://me:hush@127.0.0.1:3128"', [(5, "targets.sandbox.proxy: a password does not belong into a plan; write ${env.WEDLOAD_…}")]),
    ("proxy_as_word_for_none", "sandbox = true", 'sandbox = true\nproxy = "DIRECT"', [(5, 'targets.sandbox.proxy: "DIRECT" is no address; write proxy = false for no proxy')]),
    ("proxy_as_no_text", "sandbox = true", 'sandbox = true\nproxy = ""', [(5, 'targets.sandbox.proxy: "" is no address; write proxy = false for no proxy')]),
    ("proxy_of_all_as_word_for_none", "", '[http]\nproxy = "none"', [(14, 'http.proxy: "none" is no address; write proxy = false for no proxy')]),
    ("proxy_without_address", "sandbox = true", "sandbox = true\nproxy = true", [(5, 'targets.sandbox.proxy: expected "http://host:port" or false, found true')]),
    ("proxy_as_table", "sandbox = true", "sandbox = true\nproxy = { url = 1 }", [(5, 'targets.sandbox.proxy: expected "http://host:port" or false, found an object')]),
    ("proxy_by_another_key", "sandbox = true", "sandbox = true\nno_proxy = true", [(5, "targets.sandbox.no_proxy: there is no key `no_proxy` here | did you mean proxy?")]),
    ("proxy_of_a_variable", "sandbox = true", 'sandbox = true\nproxy = "http://${vu}:3128"', [(5, "targets.sandbox.proxy: reads `vu`; an address of a proxy can read secrets alone: ${env.")]),
    ("proxy_of_a_closed_variable", "sandbox = true", 'sandbox = true\nproxy = "${env.HTTP_PROXY}"\n[http]\nclient = "aiohttp"', [(5, "the plan may not read the environment variable HTTP_PROXY")]),
    ("for_each_to_come", "", '[[workflows.visit]]\nuse = "b"\nfor_each = "rows"\n[[workflows.b]]\nthink = "1s"', [(15, "`for_each` is part of the plan format")]),
    ("two_kinds_of_target", "sandbox = true", 'sandbox = true\nbase_url = "http://a"', [(3, "targets.sandbox: is the sandbox and has a base_url")]),
    ("no_kind_of_target", "sandbox = true", "", [(3, 'needs sandbox = true or a base_url | write base_url = "http://127.0.0.1:8000"')]),
    ("no_target", "[targets.sandbox]\nsandbox = true", "[targets]", [(3, "the plan has no target")]),
    ("two_default_targets", "sandbox = true", 'default = true\nsandbox = true\n[targets.b]\ndefault = true\nbase_url = "http://b"', [(7, "there can be one default target, and sandbox is one already")]),
    ("base_url_of_another_kind", "sandbox = true", 'base_url = "ftp://a"', [(4, '"ftp://a" does not start with http:// or https://')]),
    ("base_url_without_host", "sandbox = true", 'base_url = "http://"', [(4, "names no host")]),
    ("base_url_with_query", "sandbox = true", 'base_url = "http://a/?b"', [(4, "has a query or fragment")]),
    ("base_url_with_bad_port", "sandbox = true", 'base_url = "http://a:99999"', [(4, "is not a URL")]),
    ("base_url_with_password", "sandbox = true", 'base_url = "http://u:p@a"', [(4, "holds credentials")]),
    ("certificate_without_key", "sandbox = true", 'sandbox = true\ntls = { cert = "a.pem" }', [(5, "a client certificate needs both cert and key")]),
    ("metric_misspelt", "", '[benchmarks]\na = "http_req_duraton: p95 < 1s"', [(14, "there is no metric http_req_duraton; did you mean http_req_duration?")]),
    ("metric_to_come", "", '[benchmarks]\na = "consistency_duration: p95 < 1s"', [(14, "the metric consistency_duration is not measured by this version")]),
    ("aggregation_of_another_kind", "", '[benchmarks]\na = "checks: p95 < 1s"', [(14, "checks is a rate: p95 does not exist for it")]),
    ("requirement_that_is_none", "", '[benchmarks]\n"my row" = "fast"', [(14, "benchmarks.\"my row\": 'fast' is not a requirement")]),
    ("step_in_benchmark_misspelt", "", "[benchmarks]\na = \"http_req_duration{step='lok'}: p95 < 1s\"", [(14, '`http_req_duration` never has step "lok" in this plan | did you mean look?')]),
    ("stage_of_constant_vus", "", '[benchmarks]\na = "http_req_duration{stage=peak}: p95 < 1s"', [(14, "`http_req_duration` has no stage in this plan")]),
    ("dimension_misspelt", "", '[benchmarks]\na = "http_req_duration{stp=look}: p95 < 1s"', [(14, "there is no dimension or tag `stp` | did you mean step?")]),
    ("dimension_to_come", "", '[benchmarks]\na = "http_req_duration{outcome=x}: p95 < 1s"', [(14, "the selector `outcome` is part of the plan format")]),
    ("fault_without_faults", "", '[benchmarks]\na = "http_req_duration{fault=x}: p95 < 1s"', [(14, "`http_req_duration` has no fault in this plan")]),
    ("checks_without_any", "", '[benchmarks]\na = "checks: rate > 99%"', [(14, "nothing in this plan gives `checks` a value")]),
    ("infinite_number", 'name = "look"', 'name = "look"\njson = { a = inf }', [(12, "workflows.visit[0].json.a: inf is not a number that JSON can hold")]),
    ("number_of_more_than_64_bits", 'name = "look"', 'name = "look"\njson = 9223372036854775808', [(12, "the number does not fit into 64 bits")]),
    ("syntax_error", 'name = "small"', "name = small", [(2, "this is not valid TOML: invalid value")]),
    ("key_given_twice", 'name = "small"', 'name = "small"\nname = "b"', [(3, "this is not valid TOML: cannot overwrite a value")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_mistake_is_reported_with_its_line_and_what_to_do(valid, problems, old, new, expected):
    assert old in valid
    text = valid.replace(old, new, 1) if old else valid + new

    found = problems(text)

    assert len(found) == len(expected), found
    for problem, (line, *fragments) in zip(found, expected, strict=True):
        assert problem.startswith(f"plan.toml:{line}: "), problem
        for fragment in fragments:
            assert fragment in problem


@pytest.mark.parametrize("case", MISTAKES, ids=[case[0] for case in MISTAKES])
def test_no_message_speaks_as_a_validator(valid, problems, case):
    text = valid.replace(case[1], case[2], 1) if case[1] else valid + case[2]

    for problem in problems(text):
        assert (
            re.search(r"Input should|Value error|Field required|pydantic|HttpStep", problem) is None
        )
