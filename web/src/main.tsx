import { createRoot } from "react-dom/client";
import { App } from "./App";
import { entered } from "./entering";
import "./style.css";

const place = document.getElementById("page");
if (place === null) throw new Error("index.html holds no place for the page");
void entered().finally(() => createRoot(place).render(<App />));
