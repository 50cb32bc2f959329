import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.gate import Gate
from api.settings import ApiSettings
from jobs import Status
from tests.api.conftest import a_painter

EMAIL = "visitor@example.com"


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem for problem in reversed(answer.json()["detail"])}


def order(client, **fields):
    return client.post("/api/jobs", json={"prompt": "castle underwater", "email": EMAIL, **fields})


# the article's form


def test_the_form_with_an_address_alone_orders_what_the_article_says(client, queue):
    answer = client.post("/generate", data={"email": EMAIL})
    assert answer.status_code == 202
    assert answer.json()["message"] == "Task is processed in the background"
    ordered = queue.get(answer.json()["id"]).order.model_dump(exclude_none=True)
    assert ordered == {
        "prompt": "Underwater City",
        "email": EMAIL,
        "style": "image",
        "quality": "draft",
        "aspect": "square",
        "scale": 2.5,
        "make_video": False,
        "public": False,
    }


def test_every_field_of_the_form_reaches_the_order(client, queue):
    form = {
        "email": EMAIL,
        "prompts": "fox:2 | snow",
        "seed": "7",
        "iterations": "30",
        "quality": "best",
        "aspect": "portrait",
        "scale": "1.5",
        "style": "image",
        "make_video": "true",
    }
    ordered = queue.get(client.post("/generate", data=form).json()["id"]).order
    assert (ordered.prompt, ordered.seed, ordered.iterations, ordered.quality) == ("fox:2 | snow", 7, 30, "best")
    assert (ordered.aspect, ordered.scale, ordered.make_video) == ("portrait", 1.5, True)


def test_the_form_may_come_as_multipart_with_empty_fields_as_browsers_send_it(client, queue):
    files = {name: (None, value) for name, value in {"email": EMAIL, "seed": "", "iterations": ""}.items()}
    ordered = queue.get(client.post("/generate", files=files).json()["id"]).order
    assert (ordered.seed, ordered.iterations) == (None, None)


def test_the_form_is_refused_in_the_forms_own_field_names(client, queue):
    form = {"prompts": "x" * 501, "quality": "great", "seed": "many", "prompt": "castle"}
    found = problems(client.post("/generate", data=form))
    assert found["email"]["message"] == "is required"
    assert found["prompts"]["message"] == "must have at most 500 characters"
    assert found["quality"]["accepted"] == ["draft", "normal", "better", "best"]
    assert found["seed"]["message"] == "must be a whole number"
    assert found["prompt"]["message"] == "is not a field of this form"
    assert queue.list_jobs(1) == []


# JSON


def test_an_order_is_answered_with_the_job_and_its_place(client):
    order(client)
    answer = order(client, quality="normal", public=True)
    assert answer.status_code == 202
    job = answer.json()
    assert (job["status"], job["position"], job["quality"], job["public"]) == ("queued", 1, "normal", True)
    assert job["mine"] is True
    assert client.get(f"/api/jobs/{job['id']}").json() == job


@pytest.mark.parametrize(
    "prompt",
    [
        "<script>alert(1)</script>",
        "\"quotes\" & 'quotes'",
        "🦊 in ☃ \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "水下城堡",
        "x" * 500,
    ],
)
def test_any_text_up_to_500_characters_is_a_prompt_and_comes_back_unchanged(client, prompt):
    answer = order(client, prompt=prompt)
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert client.get(f"/api/jobs/{answer.json()['id']}").json()["prompt"] == prompt


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"prompt": "x" * 501}, "prompt", "must have at most 500 characters"),
        ({"prompt": "  "}, "prompt", "must not be empty"),
        ({"prompt": 7}, "prompt", "must be text"),
        ({"prompt": "a\x00b"}, "prompt", "the prompt contains the control character U+0000"),
        ({"prompt": "a\u202eb"}, "prompt", "the prompt contains the control character U+202E"),
        ({"email": "visitor"}, "email", "An email address must have an @-sign."),
        ({"email": f"{EMAIL}\nBcc: x@example.com"}, "email", "is not a valid email address"),
        ({"style": "cubism"}, "style", "must be one of: image, painting, pixel art"),
        ({"quality": "great"}, "quality", "must be one of: draft, normal, better, best"),
        ({"aspect": "round"}, "aspect", "must be one of: square, widescreen, portrait"),
        ({"size": [0, 0]}, "size", "width must be at least 32"),
        ({"size": [64, 9000]}, "size", "height must be at most 1024"),
        ({"size": [9000, 9000]}, "size", "width must be at most 1024"),
        ({"size": [64]}, "size", "height is required"),
        ({"size": [64, 64, 64]}, "size", "must be a list of two numbers: width and height"),
        ({"size": "64x64"}, "size", "must be a list of two numbers: width and height"),
        ({"scale": 0}, "scale", "must be more than 0"),
        ({"iterations": 2001}, "iterations", "must be at most 2000"),
        ({"seed": -1}, "seed", "must be at least 0"),
        ({"seed": 1.5}, "seed", "must be a whole number"),
        ({"public": "perhaps"}, "public", "must be true or false"),
        ({"start_image": "../../etc/passwd"}, "start_image", "not a shelf key"),
        ({"palette": "red"}, "palette", "must be one of: game boy, pico-8, ink,"),
        ({"owner": "uid-ann"}, "owner", "is not a field of this form"),
    ],
)
def test_bad_input_is_refused_by_field_in_plain_words(client, queue, fields, field, message):
    found = problems(order(client, **fields))
    assert list(found) == [field]
    assert message in found[field]["message"]
    assert queue.list_jobs(1) == []


def test_both_sides_of_a_size_are_told(client):
    messages = [problem["message"] for problem in order(client, size=[0, 9000]).json()["detail"]]
    assert messages == ["width must be at least 32", "height must be at most 1024"]


def test_choices_are_named_where_there_are_a_few(client):
    found = problems(order(client, style="cubism", quality="great", aspect="round"))
    assert {field: problem["accepted"] for field, problem in found.items()} == {
        "style": ["image", "painting", "pixel art"],
        "quality": ["draft", "normal", "better", "best"],
        "aspect": ["square", "widescreen", "portrait"],
    }


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"castle"', b"null", b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(client, body):
    answer = client.post("/api/jobs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


def test_half_a_surrogate_pair_is_refused(client):
    body = b'{"prompt": "\\ud800", "email": "visitor@example.com"}'
    answer = client.post("/api/jobs", content=body, headers={"content-type": "application/json"})
    assert problems(answer)["prompt"]["message"] == "must be valid Unicode text"


@pytest.mark.parametrize("name", ["\\ud800", "prompts", "style", "email", "seed"])
def test_half_a_surrogate_pair_in_the_form_is_refused(client, name):
    part = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n\\ud800@example.com\r\n--b--\r\n'
    kind = "multipart/form-data; boundary=b; charset=unicode_escape"
    answer = client.post("/generate", content=part.encode(), headers={"content-type": kind})
    assert problems(answer)[name if name.isalpha() else "body"]["message"]


def test_json_sent_as_plain_text_is_refused_because_any_site_could_send_it(client, queue):
    body = b'{"prompt": "castle", "email": "visitor@example.com"}'
    answer = client.post("/api/jobs", content=body, headers={"content-type": "text/plain"})
    assert "application/json" in problems(answer)["body"]["message"]


# start images, a full queue, choices


def test_an_order_with_a_start_image_that_lies_on_the_shelf_is_taken(client, queue, shelf):
    key = f"{'k' * 22}/start.png"
    shelf.put(key, b"a picture")
    assert queue.get(order(client, start_image=key).json()["id"]).order.start_image == key


def test_an_order_with_an_unknown_start_image_is_refused(client):
    found = problems(order(client, start_image=f"{'k' * 22}/start.png"))
    assert "POST /api/start-images" in found["start_image"]["message"]


def test_a_film_is_no_start_image(client, shelf):
    key = f"{'k' * 22}/film.mp4"
    shelf.put(key, b"a film")
    assert "POST /api/start-images" in problems(order(client, start_image=key))["start_image"]["message"]


def test_another_jobs_picture_is_no_start_image(client, studio):
    key = studio.painted().files.picture
    assert "POST /api/start-images" in problems(order(client, start_image=key))["start_image"]["message"]


def test_when_the_queue_is_full_orders_are_put_off_until_a_job_is_taken(queue, shelf, studio):
    client = TestClient(create_app(ApiSettings(max_queue=2), queue, shelf))
    assert [order(client).status_code for _ in range(3)] == [202, 202, 503]
    refused = client.post("/generate", data={"email": EMAIL})
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "waiting" in refused.json()["detail"]
    assert studio.begin().job.status == Status.RUNNING
    assert order(client).status_code == 202


def test_choices_tell_what_can_be_ordered(client):
    assert client.get("/api/choices").json() == {
        "styles": ["image", "painting", "pixel art"],
        "qualities": ["draft", "normal", "better", "best"],
        "aspects": ["square", "widescreen", "portrait"],
        "max_prompt": 500,
        "min_side": 32,
        "max_side": 1024,
        "palettes": [
            "game boy",
            "pico-8",
            "ink",
            "sepia",
            "sunset",
            "ocean",
            "forest",
            "neon",
            "pastel",
            "ukiyo-e",
        ],
        "max_iterations": 2000,
        "start_image": {"max_bytes": 5_000_000, "types": ["image/png", "image/jpeg", "image/webp"]},
        "painters": 0,
        "paces": None,
        "models": [],
        "sign_in": None,
    }


def test_choices_tell_who_paints_and_how_long_it_takes(client, queue):
    for name in ("ann", "ben"):
        queue.check_in(a_painter(name, step_s=0.25))
    told = client.get("/api/choices").json()
    assert told["painters"] == 2
    assert list(told["paces"]) == told["styles"]
    assert told["models"] == ["small"]
    assert told["paces"]["pixel art"]["best"] == {
        "iterations": 300,
        "sizes": {aspect: [100, 100] for aspect in told["aspects"]},
        "step_s": 0.25,
        "megapixel_s": 1.0,
    }


@pytest.mark.parametrize("required", [True, False])
def test_choices_tell_how_people_sign_in(queue, shelf, required):
    set_up = ApiSettings(auth="required" if required else "optional", firebase_api_key="key", sign_in="google,email")
    gate = Gate(verify=lambda token, fresh: {}, required=required)
    told = TestClient(create_app(set_up, queue, shelf, gate=gate)).get("/api/choices").json()
    assert told["sign_in"] == {"ways": ["email"], "required": required}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=5,
)
likely = st.fixed_dictionaries(
    {"prompt": st.text(st.characters(), max_size=600) | anything, "email": st.just(EMAIL) | st.emails() | anything},
    optional={
        "style": st.sampled_from(["image", "painting", "cubism"]) | anything,
        "quality": st.sampled_from(["draft", "great"]) | anything,
        "size": st.lists(st.integers(-1, 10_000), max_size=3) | anything,
        "scale": st.floats() | anything,
        "iterations": st.integers() | anything,
        "seed": st.integers() | anything,
        "start_image": st.from_regex(r"[A-Za-z0-9_-]{22}/[a-z]{1,5}\.(png|mp4)", fullmatch=True) | anything,
        "public": anything,
    },
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=likely | anything)
def test_no_json_whatsoever_breaks_the_service(client, body):
    content = json.dumps(body).encode()
    answer = client.post("/api/jobs", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (202, 400, 422), answer.text
    if answer.status_code == 422:
        assert all(problem["message"] for problem in answer.json()["detail"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
def test_no_bytes_whatsoever_break_the_service(client, content, kind):
    for path in ("/api/jobs", "/generate", "/api/start-images"):
        answer = client.post(path, content=content, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500, answer.text
