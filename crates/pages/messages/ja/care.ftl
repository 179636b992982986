# Words of the pages of: care.
