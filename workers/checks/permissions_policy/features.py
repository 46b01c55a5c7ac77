"""The features that Permissions-Policy can name: facts of W3C's list and of Chromium, which alone reads it.

Sources: features.md of the W3C Permissions Policy repository, Chromium's permissions_policy_features.json5
and the specifications of the newer features, as they were to be had in November 2026. A feature that was only
ever behind a flag is here too: to name it does no harm.
"""

from typing import Final

KNOWN: Final = frozenset(
    {
        "accelerometer", "all-screens-capture", "ambient-light-sensor", "aria-notify",
        "attribution-reporting", "autofill", "autoplay", "battery", "bluetooth", "browsing-topics",
        "camera", "captured-surface-control", "clipboard-read", "clipboard-write", "compute-pressure",
        "controlled-frame", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal",
        "device-attributes", "digital-credentials-create", "digital-credentials-get", "direct-sockets",
        "direct-sockets-multicast", "direct-sockets-private", "display-capture", "encrypted-media",
        "execution-while-not-rendered", "execution-while-out-of-viewport",
        "fenced-unpartitioned-storage-read", "focus-without-user-activation", "frobulate", "fullscreen",
        "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
        "join-ad-interest-group", "keyboard-map", "language-detector", "language-model", "local-fonts",
        "local-network", "local-network-access", "loopback-network", "magnetometer", "manual-text",
        "media-playback-while-not-visible", "microphone", "midi", "monetization", "navigation-override",
        "on-device-speech-recognition", "otp-credentials", "payment", "picture-in-picture", "popins",
        "private-aggregation", "private-state-token-issuance", "private-state-token-redemption",
        "proofreader", "publickey-credentials-create", "publickey-credentials-get",
        "record-ad-auction-events", "rewriter", "run-ad-auction", "screen-wake-lock", "serial",
        "shared-autofill", "shared-storage", "shared-storage-select-url", "smart-card", "speaker-selection",
        "storage-access", "sub-apps", "summarizer", "sync-xhr", "tools", "translator", "unload", "usb",
        "usb-unrestricted", "vertical-scroll", "web-app-installation", "web-printing", "web-share",
        "window-management", "writer", "xr-spatial-tracking",
    }
)  # fmt: skip
# Client hints are features by the prefix of their names (WICG Client Hints Infrastructure section 4).
HINT_PREFIX: Final = "ch-"

# What browsers knew once, and what took its place; "" where nothing did.
OBSOLETE: Final = {
    "conversion-measurement": "attribution-reporting",
    "document-domain": "",
    "document-write": "",
    "federated-credentials": "identity-credentials-get",
    "font-display-late-swap": "",
    "identity-credential-get": "identity-credentials-get",
    "interest-cohort": "",
    "layout-animations": "",
    "lazyload": "",
    "legacy-image-formats": "",
    "loading-frame-default-eager": "",
    "notifications": "",
    "oversized-images": "",
    "push": "",
    "speaker": "speaker-selection",
    "sync-script": "",
    "trust-token-redemption": "private-state-token-redemption",
    "unoptimized-images": "",
    "unsized-media": "",
    "vibrate": "",
    "vr": "xr-spatial-tracking",
    "wake-lock": "screen-wake-lock",
    "window-placement": "window-management",
}

# What reaches the visitor's devices, place or surroundings, asks for a payment or proves who somebody is.
POWERFUL: Final = frozenset(
    {
        "bluetooth", "camera", "clipboard-read", "digital-credentials-get", "direct-sockets",
        "display-capture", "geolocation", "hid", "identity-credentials-get", "idle-detection",
        "local-fonts", "local-network", "local-network-access", "microphone", "midi", "otp-credentials",
        "payment", "publickey-credentials-create", "publickey-credentials-get", "serial", "smart-card",
        "usb", "window-management",
    }
)  # fmt: skip


def is_known(feature: str) -> bool:
    """Whether some browser reads the feature, or has an experiment that does."""
    return feature in KNOWN or feature.startswith(HINT_PREFIX)
