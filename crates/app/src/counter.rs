//! The counter: the books, the markets and the outside parties in one place.

use std::sync::Arc;

use choba_engine::books::Operation;
use choba_engine::market::Market;
use choba_engine::order::Order;
use choba_outside::Counterparties;
use choba_outside::dialler::Dialler;
use choba_store::books::{self, MIGRATIONS, OrderNumbers, Quotas};
use choba_store::sql::{Options, Store};
use jiff::Timestamp;

use crate::entropy::new_id;
use crate::look_up_parcel::Walkers;
use crate::markets::{KnownMarket, Markets};
use crate::{AppError, ChatHub, Entropy, Secrets, VerificationLimits};

/// Whose things a use case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The customer.
    pub customer_id: String,
    /// The market.
    pub market: String,
}

impl Whose {
    /// A customer in a market.
    pub fn new(customer_id: &str, market: &str) -> Self {
        Self { customer_id: customer_id.to_owned(), market: market.to_owned() }
    }
}

/// The counter. Clones are the same counter.
#[derive(Clone)]
pub struct Counter {
    pub(crate) store: Store,
    pub(crate) markets: Arc<Markets>,
    pub(crate) outside: Arc<dyn Counterparties>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) secrets: Secrets,
    pub(crate) quotas: Quotas,
    pub(crate) numbers: OrderNumbers,
    pub(crate) hub: Arc<ChatHub>,
    pub(crate) verification: VerificationLimits,
    /// The order as the caller has seen it, where a change is to be refused if it is another by now.
    pub(crate) seen: Option<Arc<Order>>,
    pub(crate) walkers: Arc<Walkers>,
    /// What calls customers; agents call on their own telephones without it.
    pub(crate) dialler: Option<Arc<dyn Dialler>>,
}

impl Counter {
    /// Opens the books at an address and the markets, whose files are kept for the orders placed under them.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn open(
        url: &str,
        options: Options,
        markets: Vec<KnownMarket>,
        outside: Arc<dyn Counterparties>,
        entropy: Arc<dyn Entropy>,
        secrets: Secrets,
    ) -> Result<Self, AppError> {
        let at = Timestamp::from_millisecond(options.opened_at).unwrap_or(Timestamp::UNIX_EPOCH);
        let store = Store::open(url, &MIGRATIONS, options).await?;
        let quotas = Quotas::default();
        let verification = VerificationLimits::default();
        let counter = Self {
            store,
            markets: Arc::default(),
            outside,
            entropy,
            secrets,
            quotas,
            numbers: OrderNumbers::default(),
            verification,
            seen: None,
            walkers: Arc::default(),
            hub: Arc::default(),
            dialler: None,
        };
        for market in markets {
            counter.open_market(market, at).await?;
        }
        Ok(counter)
    }

    /// Opens a market or a new version of one; the running service takes it at once.
    ///
    /// # Errors
    /// What the database answers; the old version stays open then.
    pub async fn open_market(&self, known: KnownMarket, at: Timestamp) -> Result<(), AppError> {
        let files =
            serde_json::to_string(&*known.files).map_err(|error| AppError::Defect(error.to_string()))?;
        let market = &known.market;
        books::keep_market_version(&self.store, &market.version, &market.name, &files, at).await?;
        self.markets.open(known);
        Ok(())
    }

    /// With other limits for verification codes than the usual ones.
    #[must_use]
    pub fn with_verification_limits(self, verification: VerificationLimits) -> Self {
        Self { verification, ..self }
    }

    /// With a dialler that makes the calls of agents.
    #[must_use]
    pub fn with_dialler(self, dialler: Arc<dyn Dialler>) -> Self {
        Self { dialler: Some(dialler), ..self }
    }

    /// The same counter, whose changes of an order are refused with [`AppError::Changed`] where it is not as it was
    /// seen any more.
    #[must_use]
    pub fn having_seen(&self, order: Order) -> Self {
        Self { seen: Some(Arc::new(order)), ..self.clone() }
    }

    /// The open markets.
    pub fn markets(&self) -> &Markets {
        &self.markets
    }

    /// The books.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The market as it was in a version: of the open ones, or from the files that were kept.
    pub(crate) async fn market_version(&self, version: &str) -> Result<Arc<Market>, AppError> {
        if let Some(market) = self.markets.version(version) {
            return Ok(market);
        }
        let known = self.kept_version(version).await.map_err(|error| match error {
            AppError::NotFound { .. } => AppError::UnknownVersion { version: version.to_owned() },
            other => other,
        })?;
        self.markets.keep(Arc::clone(&known.market));
        Ok(known.market)
    }

    pub(crate) fn operation(&self, by: &str, at: Timestamp) -> Operation {
        Operation { id: new_id(&*self.entropy, at), at, by: by.to_owned() }
    }
}
