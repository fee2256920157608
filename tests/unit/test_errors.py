"""Each kind of failure has an exit status of its own, which the documents name."""

import pytest

from livecoach.core import errors
from livecoach.core.errors import LivecoachError, OutputError, SessionError, SourceError, common_exit_code

STATUS = {"LivecoachError": 1, "ConfigError": 3, "SourceError": 4, "CameraError": 5, "ModelError": 6, "OutputError": 7}
OF_A_KIND = {"SessionError": 4, "NewerVersion": 4, "SourceLost": 5}


@pytest.mark.parametrize(("kind", "status"), (STATUS | OF_A_KIND).items())
def test_each_kind_of_error_has_its_exit_status(kind, status):
    assert getattr(errors, kind)("what").exit_code == status


def test_several_errors_have_their_common_exit_status_or_the_general_one():
    assert common_exit_code([SourceError("a"), SessionError("b")]) == SourceError.exit_code
    assert common_exit_code([SourceError("a"), OutputError("b")]) == LivecoachError.exit_code
