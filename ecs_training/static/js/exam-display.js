// Not a module: what somebody chose for reading must be there before the first word is drawn.
try {
  const { theme, size } = JSON.parse(localStorage.getItem("exam-display") ?? "{}");
  Object.assign(document.documentElement.dataset, theme && { theme }, size && { size });
} catch {
  // no storage, or not ours: the page looks as it always does
}
