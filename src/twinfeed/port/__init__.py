"""Scripts and notebooks from Keras's ``ImageDataGenerator`` to what is next."""

from twinfeed.port.outcome import Ported, Remark
from twinfeed.port.rewrite import port_file, port_text, script_of
from twinfeed.port.write import replace_file

__all__ = ["Ported", "Remark", "port_file", "port_text", "replace_file", "script_of"]
