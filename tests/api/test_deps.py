import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import SiteDep
from api.settings import ApiSettings


@pytest.mark.parametrize(
    ("settings", "site"),
    [
        ({"public_url": "https://art.example.com"}, "https://art.example.com"),
        ({"public_url": "https://example.com/art/"}, "https://example.com/art"),
        ({}, "http://here.example:8000"),
    ],
)
def test_the_site_is_where_it_was_set_to_be_or_else_where_the_request_went(queue, shelf, settings, site):
    def tell(site: SiteDep) -> str:
        return site

    app = create_app(ApiSettings(**settings), queue, shelf)
    app.add_api_route("/site", tell)
    assert TestClient(app, base_url="http://here.example:8000").get("/site").json() == site
