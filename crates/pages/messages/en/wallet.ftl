# Words of the pages of: wallet.
