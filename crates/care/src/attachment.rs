//! Pictures that customers and agents attach: known by their content, limited in size and pixels, and drawn anew.
//!
//! What is kept is never what was sent, but a picture drawn from it: without places, names of cameras, comments, and
//! without whatever else a file can carry beside its pixels. Only JPEG and PNG are taken; phones turn their own formats
//! into JPEG when a page asks for it.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// What the desk has decided about attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachmentTerms {
    /// A file has no more bytes than so many.
    pub bytes_max: usize,
    /// A picture has no more pixels than so many.
    pub pixels_max: u64,
    /// A picture is neither wider nor higher than so many pixels.
    pub side_max: u32,
    /// How well a JPEG is drawn, of 100.
    pub jpeg_quality: u8,
}

impl Default for AttachmentTerms {
    fn default() -> Self {
        Self { bytes_max: 8 * 1024 * 1024, pixels_max: 40_000_000, side_max: 12_000, jpeg_quality: 85 }
    }
}

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// A photograph.
    Jpeg,
    /// A picture of a screen.
    Png,
}

impl FileType {
    /// As HTTP calls it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    fn format(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
        }
    }
}

/// A picture, drawn anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// A name that can do no harm in a header or on a disk.
    pub name: String,
    /// What it is.
    pub file_type: FileType,
    /// The picture.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    /// Never the picture: it may show anything.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Attachment").field("file_type", &self.file_type).finish_non_exhaustive()
    }
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentFault {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file has more than {most} bytes")]
    TooLarge {
        /// How large it may be.
        most: usize,
    },
    /// It is no picture of a kind that is taken, whatever it is called.
    #[error("the file is neither a JPEG nor a PNG picture")]
    UnknownType,
    /// Something that is no part of the picture stands behind it.
    #[error("the file holds another file behind its picture")]
    Polyglot,
    /// It would become too large when it is drawn.
    #[error("the picture has {width} × {height} pixels, which is too many")]
    TooManyPixels {
        /// How wide.
        width: u32,
        /// How high.
        height: u32,
    },
    /// It cannot be drawn.
    #[error("the picture cannot be read")]
    Unreadable,
}

/// Draws a file's picture anew. `declared_name` is only looked at for the name that it is kept under.
///
/// # Errors
/// [`AttachmentFault`], each for its reason.
pub fn redraw(
    declared_name: &str,
    bytes: &[u8],
    terms: &AttachmentTerms,
) -> Result<Attachment, AttachmentFault> {
    if bytes.is_empty() {
        return Err(AttachmentFault::Empty);
    }
    if bytes.len() > terms.bytes_max {
        return Err(AttachmentFault::TooLarge { most: terms.bytes_max });
    }
    let file_type = type_of(bytes).ok_or(AttachmentFault::UnknownType)?;
    let behind = match file_type {
        FileType::Png => behind_png(bytes),
        FileType::Jpeg => behind_jpeg(bytes),
    };
    if holds_another_file(behind.ok_or(AttachmentFault::Unreadable)?) {
        return Err(AttachmentFault::Polyglot);
    }
    let picture = draw(bytes, file_type, terms)?;
    let bytes = written(&picture, file_type, terms)?;
    if bytes.len() > terms.bytes_max {
        return Err(AttachmentFault::TooLarge { most: terms.bytes_max });
    }
    Ok(Attachment { name: safe_name(declared_name, file_type), file_type, bytes })
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn type_of(bytes: &[u8]) -> Option<FileType> {
    if bytes.starts_with(PNG) {
        return Some(FileType::Png);
    }
    bytes.starts_with(b"\xff\xd8\xff").then_some(FileType::Jpeg)
}

/// What stands behind the last chunk of a PNG.
fn behind_png(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(PNG.len()..)?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let kind = rest.get(4..8)?;
        rest = rest.get(length.checked_add(12)?..)?;
        if kind == b"IEND" {
            return Some(rest);
        }
    }
}

/// What stands behind the end of a JPEG's picture. Phones put smaller pictures there.
fn behind_jpeg(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        let start = rest.iter().position(|byte| *byte == 0xFF)?;
        let marker = rest.get(start.checked_add(1)?).copied()?;
        rest = rest.get(start.checked_add(2)?..)?;
        match marker {
            0xD9 => return Some(rest),
            // Fill bytes, escaped bytes within the picture, restarts: no length follows.
            0xFF => rest = bytes.get(bytes.len().checked_sub(rest.len())?.checked_sub(1)?..)?,
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
                rest = rest.get(length.max(2)..)?;
            }
        }
    }
}

/// Whether bytes begin, or hold, what other programs would open as a file of their own.
fn holds_another_file(behind: &[u8]) -> bool {
    const SIGNS: [&[u8]; 9] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"%PDF-",
        b"<script",
        b"<html",
        b"<svg",
        b"<?php",
        b"MZ\x90",
        b"\x7fELF",
    ];
    let lower = behind.to_ascii_lowercase();
    SIGNS.iter().any(|sign| {
        let sign = sign.to_ascii_lowercase();
        lower.windows(sign.len()).any(|window| window == sign)
    })
}

/// The picture, upright. Its size is looked at before there is room made for it.
fn draw(bytes: &[u8], file_type: FileType, terms: &AttachmentTerms) -> Result<DynamicImage, AttachmentFault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), file_type.format());
    let mut limits = Limits::default();
    limits.max_alloc = terms.pixels_max.checked_mul(8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| AttachmentFault::Unreadable)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels > terms.pixels_max || width.max(height) > terms.side_max {
        return Err(AttachmentFault::TooManyPixels { width, height });
    }
    let orientation = decoder.orientation().map_err(|_| AttachmentFault::Unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| AttachmentFault::Unreadable)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn written(
    picture: &DynamicImage,
    file_type: FileType,
    terms: &AttachmentTerms,
) -> Result<Vec<u8>, AttachmentFault> {
    let mut bytes = Cursor::new(Vec::new());
    let outcome = match file_type {
        FileType::Png => DynamicImage::ImageRgba8(picture.to_rgba8()).write_to(&mut bytes, ImageFormat::Png),
        FileType::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, terms.jpeg_quality);
            DynamicImage::ImageRgb8(picture.to_rgb8()).write_with_encoder(encoder)
        }
    };
    outcome.map_err(|_| AttachmentFault::Unreadable)?;
    Ok(bytes.into_inner())
}

/// At most 80 letters and digits of any script, dashes and underscores, and the ending of what it is.
fn safe_name(declared: &str, file_type: FileType) -> String {
    let last = declared.rsplit(['/', '\\']).next().unwrap_or("");
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let kept = stem.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'));
    let stem: String = kept.take(80).collect();
    let stem = if stem.is_empty() { "picture" } else { stem.as_str() };
    format!("{stem}.{}", file_type.extension())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn photograph(width: u32, height: u32) -> Vec<u8> {
        encoded(
            RgbImage::from_fn(width, height, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 7])),
            ImageFormat::Jpeg,
        )
    }

    fn screenshot(width: u32, height: u32) -> Vec<u8> {
        encoded(RgbImage::from_pixel(width, height, Rgb([200, 10, 10])), ImageFormat::Png)
    }

    fn encoded(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// An EXIF part with a place in it, put where cameras put it.
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 35.6586N 139.7454E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
    }

    fn fault(bytes: &[u8]) -> AttachmentFault {
        redraw("x.jpg", bytes, &AttachmentTerms::default()).unwrap_err()
    }

    #[test]
    fn a_photograph_loses_its_place_and_stands_upright() {
        let sent = with_exif(&photograph(40, 20), 6);
        let kept = redraw("玄関 (1).HEIC.jpg", &sent, &AttachmentTerms::default()).unwrap();
        assert_eq!((kept.file_type, kept.name.as_str()), (FileType::Jpeg, "玄関1HEIC.jpg"));
        let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        assert!(holds(&sent, b"35.6586N") && !holds(&kept.bytes, b"35.6586N"));
        assert!(!holds(&kept.bytes, b"Exif"));
        let picture = image::load_from_memory(&kept.bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (20, 40));
    }

    #[test]
    fn what_a_file_is_called_does_not_count() {
        let kept = redraw("invoice.pdf", &screenshot(3, 3), &AttachmentTerms::default()).unwrap();
        assert_eq!((kept.file_type, kept.name.as_str()), (FileType::Png, "invoice.png"));
        for other in
            [&b"%PDF-1.7"[..], b"GIF89a", b"<svg onload=alert(1)>", b"PK\x03\x04", b"MZ", b"RIFF....WEBP"]
        {
            assert_eq!(fault(other), AttachmentFault::UnknownType);
        }
        assert_eq!(fault(b""), AttachmentFault::Empty);
    }

    #[test]
    fn a_name_can_do_no_harm() {
        for (declared, kept) in [
            ("../../etc/passwd", "passwd.png"),
            ("a\"; filename=\"b.html", "afilenameb.png"),
            ("x\r\nSet-Cookie: a=b.png", "xSet-Cookieab.png"),
            ("C:\\temp\\箱.png", "箱.png"),
            ("<script>", "script.png"),
            ("...", "picture.png"),
        ] {
            assert_eq!(safe_name(declared, FileType::Png), kept);
        }
    }

    #[test]
    fn a_polyglot_is_refused_and_a_second_photograph_behind_the_first_is_dropped() {
        for behind in [&b"PK\x03\x04evil"[..], b"\n%PDF-1.4", b"<ScRiPt>alert(1)</script>", b"<?php x"] {
            assert_eq!(fault(&[&photograph(8, 8), behind].concat()), AttachmentFault::Polyglot);
            assert_eq!(fault(&[&screenshot(8, 8), behind].concat()), AttachmentFault::Polyglot);
        }
        let two = [photograph(8, 8), photograph(9, 9)].concat();
        let kept = redraw("a.jpg", &two, &AttachmentTerms::default()).unwrap();
        assert!(kept.bytes.len() < two.len());
        // A script in a comment goes with the comment.
        let jpeg = photograph(8, 8);
        let comment = b"\xff\xfe\x00\x1a<script>alert(1)</script>";
        let kept =
            redraw("a.jpg", &[&jpeg[..2], &comment[..28], &jpeg[2..]].concat(), &AttachmentTerms::default());
        assert!(kept.is_ok_and(|kept| !kept.bytes.windows(7).any(|window| window == b"<script")));
    }

    #[test]
    fn a_flood_of_pixels_is_refused_before_it_is_drawn() {
        let mut flood = screenshot(1, 1);
        flood[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        // The header's checksum has to fit, or it is only unreadable.
        let check = crc32(&flood[12..29]).to_be_bytes();
        flood[29..33].copy_from_slice(&check);
        assert_eq!(fault(&flood), AttachmentFault::TooManyPixels { width: 30_000, height: 30_000 });
        let tight = AttachmentTerms { pixels_max: 63, ..AttachmentTerms::default() };
        let refused = redraw("a.png", &screenshot(8, 8), &tight).unwrap_err();
        assert_eq!(refused, AttachmentFault::TooManyPixels { width: 8, height: 8 });
        let small = AttachmentTerms { bytes_max: 10, ..AttachmentTerms::default() };
        assert_eq!(
            redraw("a.png", &screenshot(8, 8), &small).unwrap_err(),
            AttachmentFault::TooLarge { most: 10 }
        );
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            })
        };
        !bytes.iter().fold(u32::MAX, step)
    }

    #[test]
    fn what_is_cut_short_anywhere_is_answered() {
        for whole in [photograph(16, 16), screenshot(16, 16), with_exif(&photograph(16, 16), 3)] {
            for end in 0..whole.len() {
                assert!(redraw("x", &whole[..end], &AttachmentTerms::default()).is_err(), "{end}");
            }
        }
    }
}
