# Words of the pages of: shop.
