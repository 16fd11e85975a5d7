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
