import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from flows.project import create_project, dataset_name
from tasks.errors import Exit, SettingsError
from tasks.settings import Settings, load_settings, secret


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return create_project(tmp_path / "my-dataset")


def test_a_new_project_has_the_defaults(project: Path):
    assert load_settings(project) == Settings(project={"name": "my-dataset"})


def test_the_template_names_every_key_with_its_default():
    template = tomllib.loads(files("flows").joinpath("template.toml").read_text("utf-8").format(name="x"))
    defaults = Settings(project={"name": "x"}).model_dump(mode="json", exclude_none=True)  # TOML has no null
    assert template == defaults


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('[project]\nname = "x"\n[read]\nworkerz = 1\n', "read.workerz", "unknown key"),
        ('[project]\nname = "x"\n[chunks]\n', "chunks", "unknown key"),
        ('[project]\nname = "x"\n[read]\nworkers = "two"\n', "read.workers", "integer"),
        ('[project]\nname = "한글"\n', "project.name", "match pattern"),
        ("", "project", "required"),
        ('[project]\nname = "x"\n[models.writer]\nbase_url = "nonsense"\n', "models.writer.base_url", "URL"),
        ('[project]\nname = "x"\n[models.writer]\nbase_url = "http://u:pw@h/v1"\n', "models.writer.base_url", "key_env"),
        ('[project]\nname = "x"\n[release]\nvalidation = 0.6\ntest = 0.5\n', "release", "nothing to train on"),
        ('[project]\nname = "x"\n[models.writer.extra]\nstream = true\n', "models.writer.extra", "by us"),
        ('[project]\nname = "x"\n[budget.run]\nmax_cost = 1\n[models.writer]\nbase_url = "http://x/v1"\n', "(top)", "no prices"),
        ("[project\n", "", "not TOML"),
    ],
)
def test_a_wrong_setting_names_file_key_and_reason(tmp_path: Path, text: str, key: str, reason: str):
    file = tmp_path / "jeongdap.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert str(file) in str(caught.value)
    assert key in str(caught.value)
    assert reason in str(caught.value)
    assert caught.value.exit_code == Exit.USAGE


def test_every_wrong_key_is_named_at_once(tmp_path: Path):
    (tmp_path / "jeongdap.toml").write_text('[project]\nname = "x"\nfoo = 1\n[read]\nbar = 2\n')
    with pytest.raises(SettingsError, match=r"project\.foo[\s\S]*read\.bar"):
        load_settings(tmp_path)


def test_the_environment_overrides_the_file(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JEONGDAP_CHUNK__MAX_TOKENS", "500")
    assert load_settings(project).chunk.max_tokens == 500


def test_a_wrong_environment_variable_is_named(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JEONGDAP_CHUNK__MAX_TOKENS", "many")
    with pytest.raises(SettingsError, match=r"environment variable JEONGDAP_CHUNK__MAX_TOKENS"):
        load_settings(project)


@pytest.mark.parametrize("name", ["missing", "a-file"])
def test_no_project_there_names_the_cure(tmp_path: Path, name: str):
    (tmp_path / "a-file").write_text("")
    with pytest.raises(SettingsError, match=name):
        load_settings(tmp_path / name)


def test_init_does_not_overwrite(project: Path):
    with pytest.raises(SettingsError, match="is there already"):
        create_project(project)


@pytest.mark.parametrize(("folder", "name"), [("My Data", "my-data"), ("약관", "dataset"), ("_x_", "x"), ("a" * 99, "a" * 64)])
def test_a_folder_becomes_a_dataset_name(folder: str, name: str):
    assert dataset_name(folder) == name


def test_secrets_come_from_the_environment_then_dotenv(project: Path, monkeypatch: pytest.MonkeyPatch):
    (project / ".env").write_text("SOME_KEY=from-file\n")
    monkeypatch.delenv("SOME_KEY", raising=False)
    assert secret(project, "SOME_KEY") == "from-file"
    monkeypatch.setenv("SOME_KEY", "from-environment")
    assert secret(project, "SOME_KEY") == "from-environment"
    assert secret(project, "NO_SUCH_KEY") is None
