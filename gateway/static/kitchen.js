/* Kitchen Gateway, settings area. This script owns four things and nothing else:
   1. Dialogs. The server renders <dialog open data-open data-home="/list"> inside #dialog. Here it becomes modal, and when it
      closes (Escape, a [data-close] link, a click beside it; with closedby="none" that link alone) #dialog is emptied and the focus returns to what opened it. If the
      address is the dialog's own (a whole page with it was loaded), it becomes data-home.
   2. Copy buttons: <button data-copy="#id"> followed by <span class="copy-status" role="status">.
   3. A form that is under way is not sent again.
   4. The focus after a boosted page change, and row menus (details.menu) that close on Escape and on a click elsewhere.
   Every page works without it. */
(function () {
  "use strict";

  var opener = null; // id of the element that has the focus back after the dialog
  var ownAddress = null; // the address at which a whole page with an open dialog was loaded
  var pressedOn = null; // where the pointer went down: selecting text and letting go beside the dialog does not close it

  // Before the swap, because htmx itself moves the focus to what has autofocus.
  function rememberOpener() {
    var active = document.activeElement;
    var menu = active && active.closest(".menu"); // a row menu closes; its summary gets the focus back
    if (menu) active = menu.querySelector("summary");
    if (active && active.id && !active.closest("dialog")) opener = active.id;
  }

  function openDialog(dialog, wholePage) {
    closeMenus();
    if (wholePage) ownAddress = location.href;
    dialog.removeAttribute("data-open");
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("close", function () { closed(dialog); }, { once: true });
  }

  function closed(dialog) {
    if (!dialog.isConnected) return;
    dialog.parentElement.replaceChildren();
    if (ownAddress === location.href && dialog.dataset.home) {
      history.replaceState(history.state, "", dialog.dataset.home);
      var heading = document.querySelector("h1");
      if (heading) document.title = heading.textContent.trim() + " · Kitchen Gateway";
    }
    ownAddress = null;
    var back = (opener && document.getElementById(opener)) || document.querySelector("main");
    opener = null;
    if (back) back.focus();
  }

  function settle(wholePage) {
    var dialog = document.querySelector("dialog[data-open]");
    if (dialog) return openDialog(dialog, wholePage);
    if (!wholePage || document.querySelector("dialog[open]")) return;
    opener = null;
    if (document.activeElement !== document.body) return;
    var target = document.querySelector(".flash") || document.querySelector("main");
    if (target) target.focus({ preventScroll: true });
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== except) menu.open = false; });
  }

  function copy(button) {
    var source = document.querySelector(button.dataset.copy);
    var text = "value" in source ? source.value : source.textContent.trim();
    var status = button.nextElementSibling;
    function say(words) {
      status.textContent = words;
      setTimeout(function () { status.textContent = ""; }, 4000);
    }
    function byHand() { // no clipboard on plain http: select it, try the old way
      if (source.select) source.select(); else getSelection().selectAllChildren(source);
      say(document.execCommand("copy") ? "Copied" : "Selected. Press Ctrl+C to copy.");
    }
    if (!navigator.clipboard) return byHand();
    navigator.clipboard.writeText(text).then(function () { say("Copied"); }, byHand);
  }

  document.addEventListener("pointerdown", function (event) { pressedOn = event.target; }, true);

  // Capturing, so that it runs before htmx's own listener on the link.
  document.addEventListener("click", function (event) {
    var target = event.target;
    var close = target.closest("dialog [data-close]");
    var button = target.closest("button[data-copy]");
    closeMenus(target.closest("details.menu"));
    if (close && close.closest("dialog").matches(":modal")) {
      event.preventDefault();
      event.stopPropagation();
      close.closest("dialog").close();
    } else if (target.matches("dialog:modal:not([closedby=none])") && pressedOn === target) {
      target.close();
    } else if (button) {
      copy(button);
    }
  }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && document.querySelector("dialog[closedby=none]:modal")) return event.preventDefault();
    var menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    closeMenus();
    menu.querySelector("summary").focus();
  });

  // A second press on a button whose form is under way would do a second time what was asked for once.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") return;
    if (form.ariaBusy !== "true") return form.setAttribute("aria-busy", "true");
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:afterRequest", function (event) { event.detail.elt.removeAttribute("aria-busy"); });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[aria-busy]").forEach(function (form) { form.removeAttribute("aria-busy"); });
  });

  document.addEventListener("htmx:beforeSwap", function (event) { if (event.detail.target.id === "dialog") rememberOpener(); });
  document.addEventListener("htmx:afterSettle", function (event) { settle(event.detail.target === document.body); });
  document.addEventListener("htmx:historyRestore", function () { settle(true); });
  if (document.querySelector("dialog[data-open]")) settle(true);
})();
