/** The unit's images and videos beside the calls: muted always, paused while somebody is called. */
import { html, useEffect, useRef, useState } from 'vez/dom.js';
import { nextItem, wallClock } from './playlist.js';

/** With nothing to show now (schedule, broken files), look again after this long. */
const LOOK_AGAIN_MS = 30_000;
/** A video that neither ends nor fails is left after its own length and this. */
const VIDEO_SLACK_MS = 10_000;

function Video({ item, paused, onEnd, onBroken }) {
  const node = useRef(null);
  useEffect(() => {
    const video = node.current;
    // A refusal to play is not an error to shout about: the watchdog below moves on.
    if (paused) video.pause();
    else video.play().catch(() => {});
  }, [paused]);
  useEffect(() => {
    if (paused) return undefined;
    const left = ((node.current.duration || item.seconds) - node.current.currentTime) * 1000;
    const timer = setTimeout(onEnd, left + VIDEO_SLACK_MS);
    return () => clearTimeout(timer);
  }, [paused, item]);
  return html`<video ref=${node} class="media-item" src=${item.url} muted playsinline preload="auto" aria-label=${item.alt || undefined}
    onEnded=${onEnd} onError=${onBroken}></video>`;
}

function Picture({ item, paused, onEnd, onBroken }) {
  useEffect(() => {
    if (paused) return undefined;
    const timer = setTimeout(onEnd, item.seconds * 1000);
    return () => clearTimeout(timer);
  }, [paused, item]);
  return html`<img class="media-item" src=${item.url} alt=${item.alt} onError=${onBroken} />`;
}

/** Plays `items` in turn, by their schedule. A file that fails is skipped, and tried again later. */
export function Media({ items, paused, model, t }) {
  const broken = useRef(new Map());
  const choose = (last) => nextItem(items, last, wallClock(model.now(), model.timeZone.value), broken.current, performance.now());
  // `round` makes the same item start again when the list has only one.
  const [shown, setShown] = useState(() => ({ item: choose(null), round: 0 }));
  const advance = () => setShown(({ item, round }) => ({ item: choose(item?.id ?? null), round: round + 1 }));
  const fail = () => { broken.current.set(shown.item.id, performance.now()); advance(); };
  useEffect(() => {
    // Only what is still on the list is remembered: the map must not grow with the years.
    for (const id of broken.current.keys()) if (!items.some((item) => item.id === id)) broken.current.delete(id);
    if (shown.item && !items.includes(shown.item)) advance();
  }, [items]);
  useEffect(() => {
    if (shown.item) return undefined;
    const timer = setTimeout(advance, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const Item = shown.item?.kind === 'video' ? Video : Picture;
  return html`<section class="media" aria-label=${t('media.title')}>
    ${shown.item && html`<${Item} key=${`${shown.round}`} item=${shown.item} paused=${paused} onEnd=${advance} onBroken=${fail} />`}
  </section>`;
}
