//! Why a token is refused. The caller never learns it; the log does.

/// Why a token is refused, in one word for the log. Dashboards count these words: they stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Several headers `Authorization`.
    SeveralHeaders,
    /// Another scheme than `Bearer`, or nothing behind it.
    Scheme,
    /// Longer than any token that is taken.
    TooLong,
    /// Not three parts with something in each.
    Parts,
    /// A part is not unpadded, canonical base64url.
    Encoding,
    /// Header or payload is not one JSON object.
    Json,
    /// A member's name stands twice in one object.
    DuplicateMember,
    /// A header member that is not taken, or that is not text.
    HeaderMember,
    /// An algorithm that is not taken, or not from this issuer.
    Algorithm,
    /// Another `typ` than the issuer is registered with.
    TokenType,
    /// No registered issuer of that name.
    Issuer,
    /// No key of that `kid`, or no `kid` where the issuer has several keys.
    Key,
    /// The issuer's keys cannot be had.
    KeysUnavailable,
    /// Another algorithm than the key's own.
    KeyAlgorithm,
    /// The signature is not that of the key over these bytes.
    Signature,
    /// Not for this audience.
    Audience,
    /// The subject is missing or not fit to name anybody.
    Subject,
    /// A time is missing, or is not a whole number of seconds within reason.
    Time,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// Issued in the future.
    IssuedInFuture,
    /// It lives longer than the issuer's tokens may, or ends before it begins.
    Lifetime,
    /// `jti` is not fit to name a token.
    TokenId,
    /// `client_id` is not fit to name a client.
    ClientId,
    /// The name to greet with is not fit to be shown.
    DisplayName,
    /// The claim of the roles is neither text nor a list of texts.
    Roles,
    /// A role that the issuer's sort of tenant does not give, or that a machine cannot hold.
    RoleUnfit,
    /// No role that is known.
    NoRole,
    /// `tenant` of a token of Concord's own names none.
    Tenant,
    /// `kind` of a token of Concord's own is neither a person nor a service.
    Kind,
    /// No service account of that identifier gets tokens.
    Client,
    /// The assertion of a client was used before.
    Replayed,
    /// The subject, tenant, key or token was revoked.
    Revoked,
    /// This node does not know what was revoked lately.
    Unheard,
}

impl Reason {
    /// As it stands in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SeveralHeaders => "several_headers",
            Self::Scheme => "scheme",
            Self::TooLong => "too_long",
            Self::Parts => "parts",
            Self::Encoding => "encoding",
            Self::Json => "json",
            Self::DuplicateMember => "duplicate_member",
            Self::HeaderMember => "header_member",
            Self::Algorithm => "algorithm",
            Self::TokenType => "token_type",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::KeysUnavailable => "keys_unavailable",
            Self::KeyAlgorithm => "key_algorithm",
            Self::Signature => "signature",
            Self::Audience => "audience",
            Self::Subject => "subject",
            Self::Time => "time",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::Lifetime => "lifetime",
            Self::TokenId => "token_id",
            Self::ClientId => "client_id",
            Self::DisplayName => "display_name",
            Self::Roles => "roles",
            Self::RoleUnfit => "role_unfit",
            Self::NoRole => "no_role",
            Self::Tenant => "tenant",
            Self::Kind => "kind",
            Self::Client => "client",
            Self::Replayed => "replayed",
            Self::Revoked => "revoked",
            Self::Unheard => "unheard",
        }
    }

    /// Whether it is a trouble of this node, and not of the token.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::KeysUnavailable | Self::Unheard)
    }
}
