import { createRoot } from "react-dom/client";
import { App } from "./App";
import "./style.css";

const place = document.getElementById("page");
if (place === null) throw new Error("index.html holds no place for the page");
createRoot(place).render(<App />);
