from livecoach.api import Coach as Coach
from livecoach.api import analyze as analyze
from livecoach.api import watch as watch
from livecoach.core.config.settings import Settings as Settings
from livecoach.core.config.settings import load_settings as load_settings
from livecoach.core.documents.analysis import Analysis as Analysis
from livecoach.core.errors import LivecoachError as LivecoachError
from livecoach.core.step import Step as Step
from livecoach.core.types.reps import Rep as Rep

__version__: str
