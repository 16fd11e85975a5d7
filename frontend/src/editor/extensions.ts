// What a text may be made of: the vocabulary of lms.core.rich_text, written as it writes it.
import { Extension } from "@tiptap/core";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import StarterKit from "@tiptap/starter-kit";

const SAFE_ADDRESS = /^(https?:\/\/|mailto:)\S+$/i;

export function isSafeAddress(address: string): boolean {
  return SAFE_ADDRESS.test(address);
}

/** Attributes of a cell as they are stored: only where they say something. */
function spans() {
  const span = (name: "colspan" | "rowspan") => ({
    default: 1,
    parseHTML: (cell: HTMLElement) => Number(cell.getAttribute(name) ?? 1),
    renderHTML: (given: Record<string, unknown>) =>
      Number(given[name]) > 1 ? { [name]: given[name] } : {},
  });
  return {
    colspan: span("colspan"),
    rowspan: span("rowspan"),
    colwidth: { default: null, rendered: false },
  };
}

interface Ways {
  /** Ctrl+K. */
  askForLink(): void;
  /** Alt+F10, as in other editors: to the buttons. */
  goToToolbar(): void;
}

export function extensions(ways: Ways) {
  return [
    StarterKit.configure({
      heading: { levels: [3, 4] },
      code: false,
      codeBlock: false,
      link: {
        openOnClick: false,
        defaultProtocol: "https",
        HTMLAttributes: { target: null, rel: null },
        isAllowedUri: (address) => isSafeAddress(address),
        shouldAutoLink: (address) => /^https?:/i.test(address),
      },
    }),
    Table.extend({
      renderHTML: () => ["table", ["tbody", 0]],
    }),
    TableRow,
    TableCell.extend({ addAttributes: spans }),
    TableHeader.extend({ addAttributes: spans }),
    Extension.create({
      name: "ways",
      addKeyboardShortcuts: () => ({
        "Mod-k": () => {
          ways.askForLink();
          return true;
        },
        "Alt-F10": () => {
          ways.goToToolbar();
          return true;
        },
      }),
    }),
  ];
}
