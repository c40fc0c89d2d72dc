// The page on the whole screen, where the browser can.
function listenToScreen() {
  const button = $('#screen');
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener('click', () => {
    const asked = document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen();
    asked.catch(() => {}); // refused by the browser: the page stays as it was
  });
  document.addEventListener('fullscreenchange', () =>
    button.setAttribute('aria-pressed', String(Boolean(document.fullscreenElement))),
  );
}
