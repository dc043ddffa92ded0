/** Kiosks and panels run for months: after the server was updated, their page must become the new one by itself. */

const LOOK_MS = 600_000;

/** The version in the boot data of a page's text, or null when the text is no page of ours. */
function versionOf(text) {
  const node = new DOMParser().parseFromString(text, 'text/html').getElementById('boot');
  try {
    return JSON.parse(node.textContent).version ?? null;
  } catch {
    return null;
  }
}

/**
 * Look for another version now and then; reload when there is one and `quiet()` says that the page serves
 * nobody now. The page was just fetched, so the server is there: no reload into an error page.
 */
export function followUpdates({ version, quiet, reload = () => location.reload() }) {
  async function look() {
    try {
      const response = await fetch(location.pathname, { cache: 'no-store', signal: AbortSignal.timeout(8000) });
      const found = response.ok ? versionOf(await response.text()) : null;
      if (found && found !== version && quiet()) reload();
    } catch {
      // The server is away: it will be asked again.
    }
  }
  setInterval(look, LOOK_MS);
}
