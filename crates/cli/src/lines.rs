//! Lines of standard input, each of bounded length.

use std::io::{self, BufRead, Read};

use anyhow::{anyhow, bail};

/// The most that one line may hold, in bytes; a longer one is told and left out.
const LINE_BYTES_MAX: usize = 1 << 20;

/// What became of reading a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LineRead {
    /// It was read.
    Whole,
    /// It is longer than a line may be.
    TooLong,
    /// There is no more.
    End,
}

/// Reads one line without its end; of a line that is too long the rest is read and dropped.
pub fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<LineRead> {
    line.clear();
    input.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.is_empty() {
        return Ok(LineRead::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        line.pop_if(|byte| *byte == b'\r');
    } else if line.len() > LINE_BYTES_MAX {
        input.skip_until(b'\n')?;
        return Ok(LineRead::TooLong);
    }
    Ok(LineRead::Whole)
}

/// The line as text, or why it cannot be used.
pub fn text_of(read: LineRead, line: &[u8]) -> anyhow::Result<&str> {
    if read == LineRead::TooLong {
        bail!("longer than {LINE_BYTES_MAX} bytes");
    }
    std::str::from_utf8(line).map_err(|fault| anyhow!("not UTF-8 from byte {} on", fault.valid_up_to() + 1))
}
