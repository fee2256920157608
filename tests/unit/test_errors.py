"""Each kind of failure has an exit status of its own, which the documents name."""

import pytest

from livecoach.core import errors
from livecoach.core.errors import LivecoachError, OutputError, SessionError, SourceError, common_exit_code

STATUS = {"LivecoachError": 1, "ConfigError": 3, "SourceError": 4, "CameraError": 5, "ModelError": 6, "OutputError": 7}
OF_A_KIND = {"SessionError": 4, "NewerVersion": 4, "SourceLost": 5}


@pytest.mark.parametrize(("kind", "status"), (STATUS | OF_A_KIND).items())
def test_each_kind_has_its_own_status(kind, status):
    assert getattr(errors, kind)("what").exit_code == status


def test_several_failures_of_one_kind_have_its_status():
    assert common_exit_code([SourceError("a"), SessionError("b")]) == SourceError.exit_code
    assert common_exit_code([SourceError("a"), OutputError("b")]) == LivecoachError.exit_code
