// Code that is wider than the page is reached and scrolled by keyboard.
for (const code of document.querySelectorAll("pre > code")) code.tabIndex = 0;
