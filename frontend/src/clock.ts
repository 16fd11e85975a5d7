/** “14:02” in the zone of the reader's account, or of the device. */
export function clockTime(iso: string): string {
  const zone = document.body.dataset.timeZone;
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hour12: false };
  try {
    return new Intl.DateTimeFormat("en-GB", {
      ...options,
      ...(zone ? { timeZone: zone } : {}),
    }).format(new Date(iso));
  } catch {
    return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
  }
}

/** “14:02”, with its day unless that is today. */
export function dayAndTime(iso: string): string {
  const then = new Date(iso);
  const time = clockTime(iso);
  if (then.toDateString() === new Date().toDateString()) return time;
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" }).format(then);
  return `${time}, ${day}`;
}
