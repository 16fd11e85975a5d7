// Every sentence that scripts show, in one place for translators.

/** “2.1 MB”, as the server writes it. */
function fileSize(bytes: number): string {
  const [unit, by] = bytes < 1024 * 1024 ? ["KB", 1024] : ["MB", 1024 * 1024];
  return `${(bytes / (by as number)).toFixed(1)} ${unit}`;
}

export const words = {
  saving: "Saving…",
  saved: (time: string) => `Saved ${time}`,
  offline: (changes: number) =>
    changes === 1
      ? "Offline: 1 change kept on this device"
      : `Offline: ${changes} changes kept on this device`,
  waiting: (changes: number) =>
    changes === 1
      ? "Not saved yet: 1 change kept on this device, trying again"
      : `Not saved yet: ${changes} changes kept on this device, trying again`,
  notKept: "Not saved yet, and this browser keeps no copy. Do not close the page.",
  noDevice: "This browser keeps no copy of what you write (a private window?). It is saved as long as there is a connection.",
  conflict: "This section was also changed elsewhere. Choose what to keep.",
  signedOut: "You are signed out. Your text is kept on this device.",
  anotherPerson:
    "Somebody else is signed in in this browser now. Your text is kept on this device.",
  signIn: "Sign in again",
  refused: (sentence: string) => `${sentence} Your text is kept on this device.`,
  refusedUnknown: "This was not accepted.",
  blocked: "Not sent: your last changes are not saved yet.",

  conflictTitle: "This text was changed in two places",
  conflictText: "Both versions are kept. Choose for each part; you can undo your choice.",
  restoreTitle: "There is unsaved text on this device",
  restoreText: (time: string) =>
    `You typed it at ${time}, and it never reached us. Nothing is replaced until you choose.`,
  mine: "Yours, on this device",
  theirs: "Stored",
  emptyText: "(nothing)",
  typedAt: (time: string) => `Typed at ${time}`,
  noField:
    "What it was written for is no longer there. Copy what you need; it stays on this device until you delete it.",
  throwAway: "Delete it from this device",
  thrownAway: "It is deleted.",
  differInForm: "The words are the same; only their form differs.",
  keepMine: "Keep mine",
  takeTheirs: "Take the stored text",
  keepBoth: "Keep both, one after the other",
  choseMine: "Yours is kept.",
  choseTheirs: "The stored text is taken.",
  choseBoth: "Both are in the field now.",
  undo: "Undo",
  close: "Close this",

  wordCount: (count: number) => (count === 1 ? "1 word" : `${count} words`),
  outlineEmpty: "empty",
  outlineOptional: "optional",
  wordGoal: (count: number, goal: number) => `${count} of about ${goal} words`,

  fingerprinting: "Computing its fingerprint…",
  fileUnreadable: "This file could not be read.",
  fileTooLarge: "This file is too large for the browser: compute its SHA-256 elsewhere.",

  playerWaiting: "Your answers are kept on this device and sent when there is a connection.",
  playerSignedOut: "You are signed out. Your answers are kept on this device.",
  playerDone: "Done: this activity is complete.",

  editor: {
    toolbar: "Formatting",
    toolbarOf: (title: string) => `Formatting of ${title}`,
    heading: "Heading",
    subheading: "Smaller heading",
    bold: "Bold",
    italic: "Italic",
    link: "Link",
    bullets: "List",
    numbers: "Numbered list",
    quote: "Quotation",
    table: "Table",
    undo: "Undo",
    redo: "Redo",
    rowBelow: "Row below",
    columnAfter: "Column after",
    deleteRow: "Delete row",
    deleteColumn: "Delete column",
    deleteTable: "Delete table",
    address: "Address",
    setLink: "Set the link",
    removeLink: "Remove it",
    noAddress: "Type a web or e-mail address.",
    answerIsIn: "Your answer stands at the end of the section. Undo takes it out again.",
    answerIsThere: "Your answer is in the section already.",
  },

  uploadOf: (name: string) => `Upload of ${name}`,
  percent: (percent: number) => `${percent} per cent`,
  uploadBegins: (name: string) => `Uploading ${name}`,
  uploadDone: (name: string) => `${name} is attached.`,
  uploadQueued: "Waits for its turn",
  uploadSending: (percent: number, sent: number, size: number) =>
    `${percent} % · ${fileSize(sent)} of ${fileSize(size)}`,
  uploadChecking: "All of it has arrived. It is being checked and stored…",
  uploadPaused: (percent: number) => `Paused at ${percent} %`,
  uploadOffline: (percent: number) =>
    `No connection. It goes on from ${percent} % by itself when there is one.`,
  uploadRetrying: (percent: number) => `The connection broke at ${percent} %. Trying again…`,
  uploadSignedOut: (percent: number) =>
    `You are signed out. Sign in, then it goes on from ${percent} %.`,
  uploadStoring: "All of it has arrived. Storing it takes longer than usual.",
  uploadAttached: "Attached",
  pause: "Pause",
  resume: "Resume",
  cancelUpload: "Cancel",
  stillUploading: (count: number) =>
    count === 1
      ? "One file is still on its way. Submitted now, it would not be handed in."
      : `${count} files are still on their way. Submitted now, they would not be handed in.`,
  submitAfter: "Submit when they have arrived",
  submitWithout: "Go on without them",
  submitRefused: (files: string) => `You have not submitted yet: a file was refused. ${files}`,
  submitNoted: (time: string) =>
    `Noted: you want to submit with these files. They count as on time until ${time}. Stay on this page and leave the text as it is; you are led on when they have arrived.`,
  again: "Try again",

  noConnection: "No connection. Nothing was changed; try again.",
  sessionEnded: "Your session has ended. Sign in again; this page keeps what you typed.",
  failed: "Something went wrong on our side. Nothing was changed; try again.",
};
