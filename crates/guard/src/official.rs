//! The official list, checked when loaded and indexed for looking up.

use std::collections::{HashMap, HashSet};
use std::fmt;

use aho_corasick::AhoCorasick;

use crate::brands::Brands;
use crate::contact::{Contact, Fault};
use crate::fold::{fold, squeeze};
use crate::phone::{Number, PublishedNumber};

/// An entry of the list that cannot be used: which, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFault {
    /// Place in the list, from 0.
    pub index: usize,
    /// The entry as it was given.
    pub entry: String,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.entry.chars().take(80).collect();
        write!(f, "[{}] {:?}: {}", self.index, shown, self.fault)
    }
}

impl std::error::Error for ListFault {}

/// The contacts a shop publishes: its domains, phone numbers and mail senders.
///
/// ```
/// use choba_guard::Official;
/// let official = Official::from_list(["example-shop.co.jp", "0120-899-543"])?;
/// assert_eq!(official.contacts().count(), 2);
///
/// let faults = Official::from_list(["example-shop.co.jp", "co.jp"]).unwrap_err();
/// assert_eq!(faults[0].index, 1);
/// # Ok::<(), Vec<choba_guard::ListFault>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Official {
    contacts: Vec<Contact>,
    /// Domains that may be named as resembled: the official ones first, then those of senders.
    domains: Vec<String>,
    covering: HashMap<String, usize>,
    most_labels: usize,
    owners: HashSet<String>,
    senders: HashSet<String>,
    numbers: Vec<PublishedNumber>,
    brands: Brands,
    domains_of_brand: Vec<Vec<usize>>,
    squeezed: HashMap<String, usize>,
    names: Option<AhoCorasick>,
    names_of: Vec<usize>,
}

impl Official {
    /// Reads a list of domains, phone numbers and mail senders, in any order; repeated entries count once.
    ///
    /// # Errors
    /// Every entry that cannot be used, with its place.
    pub fn from_list<I>(entries: I) -> Result<Self, Vec<ListFault>>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut official = Self::default();
        let mut known = HashSet::new();
        let mut faults = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let entry = entry.as_ref();
            match Contact::parse(entry) {
                Ok(contact) if known.insert(contact.clone()) => official.add(contact, entry.trim()),
                Ok(_) => {}
                Err(fault) => faults.push(ListFault { index, entry: entry.to_owned(), fault }),
            }
        }
        if faults.is_empty() { Ok(official.indexed()) } else { Err(faults) }
    }

    fn add(&mut self, contact: Contact, entry: &str) {
        match &contact {
            Contact::Domain(domain) => self.add_domain(domain),
            Contact::Phone(number) => self.numbers.extend(Number::published(number, entry)),
            Contact::Sender(address) => drop(self.senders.insert(address.clone())),
        }
        self.contacts.push(contact);
    }

    fn indexed(mut self) -> Self {
        // After the domains, so that a domain found by its name is an official one where there is a choice.
        let of_senders: Vec<String> = self.contacts.iter().filter_map(domain_of_sender).collect();
        for domain in &of_senders {
            self.add_brand(domain);
        }
        self.finish();
        self
    }

    fn add_domain(&mut self, domain: &str) {
        let at = self.add_brand(domain);
        self.covering.entry(domain.to_owned()).or_insert(at);
        self.most_labels = self.most_labels.max(domain.split('.').count());
        if let Some(owner) = owner_of(domain) {
            self.owners.insert(owner.to_owned());
        }
    }

    /// Makes a domain known as something that others may resemble.
    fn add_brand(&mut self, domain: &str) -> usize {
        let at = self.domains.len();
        self.domains.push(domain.to_owned());
        let readable = idna::domain_to_unicode(owner_of(domain).unwrap_or(domain)).0;
        let brand = self.brands.add(readable.split('.').next().unwrap_or(&readable));
        if self.domains_of_brand.len() <= brand {
            self.domains_of_brand.resize(brand + 1, Vec::new());
        }
        self.domains_of_brand[brand].push(at);
        at
    }

    fn finish(&mut self) {
        self.brands.finish();
        let mut patterns = Vec::new();
        for (at, domain) in self.domains.iter().enumerate() {
            let folded = fold(&idna::domain_to_unicode(domain).0);
            self.squeezed.entry(squeeze(&folded.light)).or_insert(at);
            for form in [Some(folded.light), folded.heavy].into_iter().flatten() {
                patterns.push(form);
                self.names_of.push(at);
            }
        }
        self.names = AhoCorasick::new(patterns).ok();
    }

    /// The contacts of the list, canonical, in its order.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.iter()
    }

    pub(crate) fn brands(&self) -> &Brands {
        &self.brands
    }

    pub(crate) fn numbers(&self) -> &[PublishedNumber] {
        &self.numbers
    }

    pub(crate) fn domain(&self, at: usize) -> &str {
        &self.domains[at]
    }

    pub(crate) fn is_sender(&self, address: &str) -> bool {
        self.senders.contains(address)
    }

    /// The official domain that a host is, or is below. Only as many labels are looked at as the longest
    /// official domain has: a host of ten thousand labels costs no more.
    pub(crate) fn covering(&self, host: &str) -> Option<usize> {
        let starts = host.rmatch_indices('.').map(|(dot, _)| dot + 1);
        let whole = std::iter::once(0);
        starts
            .chain(whole)
            .take(self.most_labels)
            .find_map(|start| self.covering.get(&host[start..]).copied())
    }

    /// Whether a host belongs to the owner of an official domain, but is not on the list.
    pub(crate) fn is_beside(&self, host: &str) -> bool {
        owner_of(host).is_some_and(|owner| self.owners.contains(owner))
    }

    /// The domain to name when a host resembles a brand: the one that stands in it whole, else the one whose ending
    /// the host shares.
    pub(crate) fn resembled(&self, brand: usize, host: &str) -> &str {
        if let Some(whole) = self.named_in(host).filter(|whole| self.domains_of_brand[brand].contains(whole))
        {
            return self.domain(whole);
        }
        let shared = |domain: &str| {
            host.rsplit('.').zip(domain.rsplit('.')).take_while(|(one, other)| one == other).count()
        };
        let domains = self.domains_of_brand[brand].iter().map(|at| self.domain(*at));
        // `max_by_key` prefers the last of equals; the list's order says which is foremost.
        domains.rev().max_by_key(|domain| shared(domain)).unwrap_or_default()
    }

    /// The official domain whose whole name, or a look-alike of it, stands in a text as a name of its own.
    pub(crate) fn named_in(&self, text: &str) -> Option<usize> {
        let folded = fold(text);
        self.named_in_folded(&folded.light).or_else(|| self.named_in_folded(folded.heavy.as_deref()?))
    }

    fn named_in_folded(&self, text: &str) -> Option<usize> {
        let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        let found = self.names.as_ref()?.find_overlapping_iter(text).find(|found| {
            boundary(text[..found.start()].chars().next_back())
                && boundary(text[found.end()..].chars().next())
        })?;
        Some(self.names_of[found.pattern().as_usize()])
    }

    /// The official domain that a text is, separators aside.
    pub(crate) fn squeezed_domain(&self, text: &str) -> Option<usize> {
        self.squeezed.get(&squeeze(&fold(text).light)).copied()
    }
}

fn domain_of_sender(contact: &Contact) -> Option<String> {
    match contact {
        Contact::Sender(address) => address.split_once('@').map(|(_, domain)| domain.to_owned()),
        Contact::Domain(_) | Contact::Phone(_) => None,
    }
}

/// The registrable domain, where the registry of the suffix is known.
fn owner_of(host: &str) -> Option<&str> {
    psl::domain_str(host)
}
