export type Theme = "auto" | "light" | "dark";

const KEY = "rambla:theme";

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto";
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}

export function startThemeSwitch(): void {
  const group = document.querySelector<HTMLElement>("[data-theme-switch]");
  if (!group) return;
  const buttons = [...group.querySelectorAll("button")];
  const show = (theme: Theme): void => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  };
  group.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (!button) return;
    const theme = button.value as Theme;
    applyTheme(theme);
    show(theme);
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // The choice lasts until the next page: the browser keeps nothing for us.
    }
  });
  show(storedTheme());
  group.hidden = false;
}
