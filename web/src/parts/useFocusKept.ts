import { useEffect } from "react";

/**
 * Keeps the reader's place: when what has the focus goes away, as a button does that has done its
 * work, the focus moves to the nearest part of the page around it, not to the top of the document.
 */
export function useFocusKept(): void {
  useEffect(() => {
    let around: Element[] = [];
    function remember(event: FocusEvent) {
      around = [];
      for (let at = event.target as Element | null; at; at = at.parentElement) around.push(at);
    }
    function restore() {
      if (around.length === 0 || around[0]?.isConnected) return;
      if (document.activeElement !== document.body && document.activeElement !== null) return;
      const place = around.find((each) => each.isConnected && each.matches("[tabindex]"));
      around = [];
      if (place instanceof HTMLElement) place.focus({ preventScroll: true });
    }
    const observer = new MutationObserver(restore);
    observer.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", remember);
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", remember);
    };
  }, []);
}
