r"""The beginning of a file: packages of a small TeX installation, fonts, and the macros of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xstilts.reports.tex.escaping import escaped, leftwards
from xstilts.reports.tex.scripts import FONTS

WITHOUT_FONT = "xstilts: no font for"
"""How the log names a script that no installed font has."""

PACKAGES = r"""\documentclass[10pt,a4paper]{article}
\usepackage{iftex}
\usepackage[margin=22mm]{geometry}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs,longtable}
\usepackage{graphicx}
\usepackage{caption}
\captionsetup{font=small,labelfont=bf,justification=raggedright,singlelinecheck=false,skip=4pt}
\usepackage[hidelinks,pdfusetitle]{hyperref}"""

FONTS_OF_TEXT = r"""\ifLuaTeX
  \usepackage{fontspec}
  \IfFontExistsTF{Noto Serif}{\setmainfont{Noto Serif}[Scale=0.92]}{}
  \let\xsmono\rmfamily
  \let\xshere\relax
  \newcommand{\xsfont}[3]{\IfFontExistsTF{#2}{\expandafter\newfontfamily\csname xsfont#1\endcsname{#2}[#3,%
    BoldFont={},ItalicFont={},BoldItalicFont={}]}{}}
  \newcommand{\xscheck}[1]{\ifcsname xsfont#1\endcsname\else\typeout{WITHOUT_FONT #1}\fi}
  \DeclareRobustCommand{\xsscript}[2]{\ifcsname xsfont#1\endcsname
    {\csname xsway#1\endcsname\csname xsfont#1\endcsname#2}\else\fbox{\scriptsize #1}\fi}
  \DeclareRobustCommand{\xsbeyond}[1]{{\xshere#1}}
\else
  \let\xsmono\relax
  \usepackage[T1]{fontenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
  \DeclareRobustCommand{\xsscript}[2]{\fbox{\scriptsize #1}}
  \DeclareRobustCommand{\xsbeyond}[1]{\fbox{\scriptsize lualatex}}
\fi""".replace("WITHOUT_FONT", WITHOUT_FONT)

MACROS = r"""\DeclareRobustCommand{\xsbreak}{\penalty0\hskip0pt plus .03em\relax}
\newcommand{\xstight}{\setlength{\itemsep}{1pt}\setlength{\parsep}{0pt}\setlength{\parskip}{0pt}}
\newcommand{\xssmall}[1]{{\scriptsize #1}}
\newcommand{\xshead}[2]{\parbox[b]{#1}{#2}}
\newcommand{\xsline}[1]{\par\noindent\hangindent=2em\hangafter=1{\ttfamily\footnotesize\let\xshere\xsmono\hspace*{0pt}#1\strut}}
\newcommand{\xsfigure}[2]{\IfFileExists{#1}{\begin{figure}[htbp]\centering
  \includegraphics[width=\linewidth,height=.8\textheight,keepaspectratio]{#1}\caption{#2}\end{figure}}{}}
\pdfstringdefDisableCommands{\def\xsscript#1#2{#2}\def\xsbeyond#1{#1}\def\xsbreak{}}
\setlength{\LTpre}{.6\baselineskip}\setlength{\LTpost}{.8\baselineskip}\setlength{\LTleft}{0pt}
\setlength{\tabcolsep}{4pt}
\setlength{\parindent}{0pt}\setlength{\parskip}{.45\baselineskip}
\setcounter{secnumdepth}{SECTIONS}
\emergencystretch=3em
\let\xslongtable\longtable\def\longtable{\footnotesize\xslongtable}"""


def preamble(*, title: str, author: str, date: str, scripts: Iterable[str], numbered: bool) -> str:
    """All before the text; ``scripts`` are the keys of the fonts that it needs."""
    lines = [PACKAGES, FONTS_OF_TEXT, MACROS.replace("SECTIONS", "1" if numbered else "0"), r"\ifLuaTeX"]
    for script in scripts:
        font = FONTS[script]
        feature = f"Renderer=HarfBuzz,Script={{{font.feature}}}" if font.feature else "Renderer=HarfBuzz"
        lines.append(rf"  \xsfont{{{script}}}{{{font.name}}}{{{feature}}}")
        way = r"\textdir TRT" if leftwards(script) else r"\relax"
        lines += [rf"  \expandafter\def\csname xsway{script}\endcsname{{{way}}}", rf"  \xscheck{{{script}}}"]
    lines += [
        r"\fi",
        rf"\title{{{escaped(title)}}}",
        rf"\author{{{escaped(author)}}}",
        rf"\date{{{escaped(date)}}}",
        r"\begin{document}",
        r"\maketitle",
    ]
    return "\n".join(lines)


def figure_stem(stem: str) -> str:
    """A name of files that TeX reads as it is."""
    return re.sub(r"[^A-Za-z0-9]+", "-", stem).strip("-") or "report"
