//! How a browser reaches an authenticator: a hint for it, which proves nothing.

use serde::{Deserialize, Serialize};

/// A way to an authenticator (`WebAuthn` Level 3, 5.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Bluetooth.
    Ble,
    /// A telephone beside the computer.
    Hybrid,
    /// The device itself.
    Internal,
    /// By contactless reader.
    Nfc,
    /// A smart card.
    SmartCard,
    /// A plug.
    Usb,
}

impl Transport {
    const ALL: [Self; 6] = [
        Self::Ble,
        Self::Hybrid,
        Self::Internal,
        Self::Nfc,
        Self::SmartCard,
        Self::Usb,
    ];

    /// Its name for browsers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ble => "ble",
            Self::Hybrid => "hybrid",
            Self::Internal => "internal",
            Self::Nfc => "nfc",
            Self::SmartCard => "smart-card",
            Self::Usb => "usb",
        }
    }

    /// Those of `names` that are known, each once. Others are dropped, because browsers learn new ones.
    #[must_use]
    pub fn known(names: &[String]) -> Vec<Self> {
        let is_named = |transport: &Self| names.iter().any(|name| name == transport.name());
        Self::ALL.into_iter().filter(is_named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_repeated_transports_are_dropped() {
        let names = ["usb", "cable", "usb", "internal", ""].map(str::to_owned);
        assert_eq!(
            Transport::known(&names),
            [Transport::Internal, Transport::Usb]
        );
        for transport in Transport::ALL {
            let stored = serde_json::to_value(transport).unwrap();
            assert_eq!(stored, transport.name());
        }
    }
}
