# Words of the pages of: help.
