# Words of the pages of: desk.
