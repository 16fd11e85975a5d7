// Every sentence that scripts show, in one place for translators.

/** “2.1 MB”, as the server writes it. */
function fileSize(bytes: number): string {
  const [unit, by] = bytes < 1024 * 1024 ? ["KB", 1024] : ["MB", 1024 * 1024];
  return `${(bytes / (by as number)).toFixed(1)} ${unit}`;
}

const SIGN_IN = "Sign in again";

/** Apart, since the player's script is loaded without the rest. */
export const playerWords = {
  waiting: "Your answers are kept on this device and sent when there is a connection.",
  signedOut: "You are signed out. Your answers are kept on this device.",
  done: "Done: this activity is complete.",
  signIn: SIGN_IN,
};

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
  signIn: SIGN_IN,
  refused: (sentence: string) => `${sentence} Your text is kept on this device.`,
  refusedUnknown: "This was not accepted.",
  mentions: "People whose name begins so",
  mentionsFound: (count: number) =>
    count === 1 ? "1 person. Arrows choose, Enter inserts." : `${count} people. Arrows choose, Enter inserts.`,
  mentionsNone: "Nobody of that name.",
  blocked: "Not sent: your last changes are not saved yet.",

  cameIn: (titles: string) => `Changed elsewhere, and shown here as it is stored: ${titles}.`,
  sectionGone:
    "Newer guidelines were taken up meanwhile, and they no longer have this section. What you write here is saved under “Set aside” and is not handed in, unless you take it along.",
  sectionsAdded:
    "Newer guidelines were taken up meanwhile, and they ask for more than this page shows. What you write here is saved as before.",
  loadAgain: "Load the page again",

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

  desk: {
    keysTitle: "Keys of this desk",
    keysText: "They wait while you type in a field; Escape leads out of it.",
    keysOn: "Single keys work on this desk",
    keysAreOff: "Keys are off. The button “Keys” puts them on again.",
    groups: { marks: "Marks", reading: "Reading", comments: "Comments", deciding: "Deciding: a key leads there, Enter does it", going: "Going on" },
    keys: {
      help: "Show the keys",
      down: "Next criterion",
      up: "Criterion before",
      level: "Choose a level",
      comment: "Comment on the criterion",
      overall: "Overall comment",
      bank: "Comment bank, into the comment",
      keep: "Keep the comment in the bank",
      save: "Save now",
      handIn: "Hand in the marks",
      begin: "Begin marking",
      next: "Next project",
      previous: "Project before",
      text: "To the text",
      rubric: "To the rubric",
      file: "Next file",
      zoomIn: "Larger",
      zoomOut: "Smaller",
      zoomReset: "As wide as the pane",
      pageDown: "Next page of the PDF",
      pageUp: "Page before",
      sentence: "Choose the next sentence",
      sentenceBefore: "Choose the sentence before",
      annotate: "Comment on what is chosen, or on the section or page in sight",
      region: "Comment on a part of the page",
      list: "To the comments in the text",
      earlier: "Earlier attempts",
      undo: "Put back the comment just deleted",
      close: "Close",
    },
    noCriterion: "There is nothing to be marked here now.",
    noLevel: "This criterion has no such level.",
    noButton: "This cannot be done now.",
    noPrevious: "No project before this one.",
    noNext: "No other project is waiting for you.",
    noPdf: "There is no PDF to read here.",
    noFile: "There is no file.",
    noSection: "Go to a section or a page first.",
    noEarlier: "This is the first attempt.",
    noUndo: "Nothing was deleted here.",
    unsavedNote: "A comment is not saved yet. Save it, or throw it away.",
    saved: "Saved.",
    notSaved: "Not saved yet.",
    composer: "New comment",
    composerAbout: (place: string) => `New comment on ${place}`,
    composerText: "Comment for the participant",
    composerSave: "Save the comment",
    composerCancel: "Throw it away",
    composerKept: "You had begun this comment; it was kept on this device.",
    wholeSection: "the whole section",
    wholePage: (page: number) => `page ${page}`,
    wholeFile: "the whole file",
    notFound: "This passage is not in the text any more.",
    fromBank: "From the bank",
    keepInBank: "Keep in the bank",
    keptInBank: "Kept in your bank.",
    nothingToKeep: "Write a comment first.",
    bankTitle: "Comment bank",
    bankSearch: "Words of the comment",
    bankEmpty: "No kept comment has these words.",
    bankNone: "Nothing is kept yet. Write a comment and press “Keep in the bank”.",
    bankFor: (title: string) => `It goes into: ${title}`,
    shared: "shared",
    readHere: "Read it here",
    pdfLoading: "Opening the file…",
    pdfPage: "Page",
    pdfOf: (pages: number) => `of ${pages}`,
    pdfPageName: (page: number) => `Page ${page}`,
    pdfPrevious: "Page before",
    pdfNext: "Next page",
    pdfLarger: "Larger",
    pdfSmaller: "Smaller",
    pdfFit: "Fit",
    pdfRegion: "Comment on a part",
    pdfWhole: "Comment on the page",
    pdfClose: "Close the file",
    pdfEncrypted: "This file is locked with a password and cannot be shown here.",
    pdfBroken: "This file is damaged and cannot be shown here.",
    pdfGone: "This file could not be fetched.",
    pdfDownload: "Download it",
    regionBox:
      "Part of the page. Arrow keys move it, with Shift they change its size, Enter comments, Escape stops.",
    regionHere: "Comment here",
  },

  noConnection: "No connection. Nothing was changed; try again.",
  noAnswer: "The answer did not arrive. Perhaps it was stored: try again, or load the page anew.",
  sessionEnded: "Your session has ended. Sign in again; this page keeps what you typed.",
  failed: "Something went wrong on our side. Nothing was changed; try again.",
};
