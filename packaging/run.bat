@echo off
rem Opens llmstudio when double-clicked. The first time it sets itself up in .venv. Arguments go to the command line.
setlocal
call "%~dp0find_python.bat"
if errorlevel 1 goto stay
"%python%" -E -s "%~dp0launch.py" %*
if errorlevel 1 goto stay
exit /b 0

:stay
rem After a double click the console would vanish with the sentence that says what is wrong.
if "%~1"=="" pause
exit /b 1
