//! How a part of the service declares its settings.

/// A section of the configuration: its fields, each with its default and its meaning.
#[macro_export]
macro_rules! section {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $fdoc:expr])+ $field:ident: $ty:ty = $default:expr,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name { $($(#[doc = $fdoc])+ pub $field: $ty,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}

/// A section of names, each with its default.
#[macro_export]
macro_rules! names {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:ident = $default:expr,)+ }) => {
        $crate::section! {
            $(#[doc = $doc])+
            $name { $(#[doc = concat!("Default `", $default, "`.")] $field: String = $default.to_owned(),)+ }
        }
    };
}

pub use {names, section};
