# Words of the pages of: orders.
