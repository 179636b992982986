# Words of the pages of: office.
