"use strict";
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: document.getElementById("docs").dataset.spec,
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
    defaultModelsExpandDepth: 0,
  });
});
