# Words of the pages of: counter.
