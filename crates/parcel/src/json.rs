//! Answers as JSON, or whatever else serde writes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::answer::Answer;
use crate::candidate::{Candidate, Reason};
use crate::reading::ReadAs;

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let candidates: Vec<_> =
            self.candidates().iter().map(|candidate| Told { answer: self, candidate }).collect();
        let mut answer = serializer.serialize_struct("Answer", 11)?;
        answer.serialize_field("input", self.input())?;
        answer.serialize_field("normalized", self.normalized())?;
        answer.serialize_field("display", &self.display().to_string())?;
        answer.serialize_field("valid", &self.is_valid())?;
        answer.serialize_field("carrier", &self.carrier().map(|carrier| carrier.id()))?;
        answer.serialize_field("candidates", &candidates)?;
        answer.serialize_field("read_as", &self.read_as().collect::<Vec<_>>())?;
        answer.serialize_field(
            "corrections",
            &self.corrections().iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        )?;
        answer.serialize_field("not_a_parcel", &self.not_a_parcel().map(|kind| kind.code()))?;
        answer.serialize_field("track_url", &self.track_url())?;
        answer.serialize_field("message", &self.message())?;
        answer.end()
    }
}

impl Serialize for ReadAs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reading = serializer.serialize_struct("ReadAs", 3)?;
        reading.serialize_field("from", &self.from)?;
        reading.serialize_field("to", &self.to)?;
        reading.serialize_field("at", &self.at)?;
        reading.end()
    }
}

/// A candidate with its own link, which needs the number.
struct Told<'a, 't> {
    answer: &'a Answer<'t>,
    candidate: &'a Candidate,
}

impl Serialize for Told<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let url: Option<String> = self.answer.track_url_of(self.candidate);
        let mut candidate = serializer.serialize_struct("Candidate", 7)?;
        candidate.serialize_field("carrier", self.candidate.carrier().id())?;
        candidate.serialize_field("service", self.candidate.service())?;
        candidate.serialize_field("valid", &self.candidate.is_valid())?;
        candidate.serialize_field("check", &self.candidate.check())?;
        candidate.serialize_field("confidence", &self.candidate.confidence())?;
        candidate
            .serialize_field("reasons", &self.candidate.reasons().map(Reason::code).collect::<Vec<_>>())?;
        candidate.serialize_field("track_url", &url)?;
        candidate.end()
    }
}
