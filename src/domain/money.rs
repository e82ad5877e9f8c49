//! Amounts of US dollars as whole cents.

use std::fmt;

/// An amount in cents. Written as dollars with two digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

impl Cents {
    /// Reads dollars such as `249`, `249.5` or `249.00`; `None` for anything else, for more than two decimals and for amounts beyond a trillion.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "00"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || whole.len() > 12 || decimals.len() > 2 {
            return None;
        }
        let fraction: i64 = format!("{decimals:0<2}").parse().ok()?;
        Some(Self(sign * (whole.parse::<i64>().ok()? * 100 + fraction)))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}
