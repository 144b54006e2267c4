"use strict";
// Blazor tells of a connection that is lost, but not of one that is refused before it begins (a revoked key, a silo that is gone
// or full): it only rejects a promise that nobody has. The page would stand still without a word.
addEventListener("unhandledrejection", (event) => {
    if (event.reason?.errorType === "FailedToNegotiateWithServerError")
        document.getElementById("blazor-error-ui").style.display = "block";
});

// A silo that has restarted is there but does not know the page's live part; only a new page has one. Blazor does this by itself
// where a page has no dialog of its own.
document.getElementById("components-reconnect-modal").addEventListener("components-reconnect-state-changed", (event) => {
    if (event.detail.state === "rejected")
        location.reload();
});
